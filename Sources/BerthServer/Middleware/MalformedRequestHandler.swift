import BerthAPI
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Answers what is no HTTP with a reason, and closes the connection: no route ever sees it.
final class MalformedRequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundOut = HTTPResponsePart

    private let metrics: HTTPMetrics?
    private var isAnswered = false

    init(_ metrics: HTTPMetrics?) { self.metrics = metrics }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, !isAnswered else { return context.fireErrorCaught(error) }
        isAnswered = true
        metrics?.answeredMalformed()
        let requestID = RequestID().text
        let problem = ProblemJSON(
            status: 400,
            code: "malformed_request",
            detail: "The request is not valid HTTP/1.1 (\(Self.reason(error))).",
            requestID: requestID,
            faults: []
        )
        let body = ByteBuffer(bytes: problem.json.encoded())
        let headers: HTTPFields = [
            .contentType: ProblemJSON.mediaType, .contentLength: "\(body.readableBytes)", .connection: "close",
            .requestID: requestID, .serverTiming: ServerTiming().field,
        ]
        context.write(wrapOutboundOut(.head(HTTPResponse(status: .badRequest, headerFields: headers))), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    private static func reason(_ error: HTTPParserError) -> String {
        switch error {
        case .unexpectedContentLength: "the length of its body is said twice or in two ways"
        case .invalidContentLength: "its Content-Length is no number"
        case .headerOverflow: "its headers are too long"
        case .invalidHeaderToken: "a header has characters that none may have"
        case .invalidMethod: "its method is unknown"
        default: "it cannot be parsed"
        }
    }
}
