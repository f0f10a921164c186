import BerthAPI
import JSON
import NIOCore
import NIOHTTP1

/// Keeps a client's connection open or closes it, by its HTTP version and headers; responds to input that is not HTTP.
///
/// It is next to the decoder, since later handlers do not see the HTTP version. Source: RFC 9112, section 9;
/// RFC 9110, section 10.1.1.
final class HTTP1ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Sends `100 Continue` if the client waits for it; triggered as an outbound event.
    struct SendContinue: Sendable {}

    private let metrics: HTTPMetrics?
    /// Requests whose responses are not complete, the oldest first.
    private var exchanges: CircularBuffer<Exchange> = []
    /// Whether the end of the newest request has not been read yet.
    private var isReading = false
    /// The error of input after the requests that is not HTTP.
    private var failure: HTTPParserError?
    /// Whether the last response was written, so further input is dropped.
    private var isClosing = false

    private struct Exchange {
        let isHTTP10: Bool
        var keepsAlive: Bool
        /// Whether the client delays its body until it receives `100 Continue`.
        var awaitsContinue: Bool

        init(_ head: HTTPRequestHead) {
            isHTTP10 = head.version == .http1_0
            keepsAlive = head.isKeepAlive
            awaitsContinue =
                !isHTTP10 && head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
        }
    }

    init(_ metrics: HTTPMetrics?) { self.metrics = metrics }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        switch unwrapInboundIn(data) {
        case .head(var head):
            isReading = true
            exchanges.append(Exchange(head))
            // The server recognizes this form only; a client may write "Close" or "close, TE".
            if !head.isKeepAlive { head.headers.replaceOrAdd(name: "connection", value: "close") }
            return context.fireChannelRead(wrapInboundOut(.head(head)))
        case .body: waitNoMore()
        case .end:
            waitNoMore()
            isReading = false
        }
        context.fireChannelRead(data)
    }

    private var newest: CircularBuffer<Exchange>.Index { exchanges.index(before: exchanges.endIndex) }

    /// The body has arrived, so `100 Continue` is not needed.
    private func waitNoMore() {
        if !exchanges.isEmpty { exchanges[newest].awaitsContinue = false }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where !exchanges.isEmpty && !head.isInformational:
            context.write(wrapOutboundOut(.head(answer(head))), promise: promise)
        case .end where !exchanges.isEmpty:
            context.write(data, promise: promise)
            finish(exchanges.removeFirst(), context)
        default: context.write(data, promise: promise)
        }
    }

    /// The response's head in the client's version, with the right `Connection` header.
    private func answer(_ head: HTTPResponseHead) -> HTTPResponseHead {
        var (head, exchange) = (head, exchanges[exchanges.startIndex])
        let endsWithConnection =
            exchange.isHTTP10 && !head.headers.contains(name: "content-length") && head.status.mayHaveResponseBody
        // A client that receives its response before it has sent its body may send the body or omit it.
        if !head.isKeepAlive || endsWithConnection || exchange.awaitsContinue { exchange.keepsAlive = false }
        if exchange.isHTTP10 { head.version = .http1_0 }
        if !exchange.keepsAlive {
            head.headers.replaceOrAdd(name: "connection", value: "close")
        } else if exchange.isHTTP10 {
            head.headers.replaceOrAdd(name: "connection", value: "keep-alive")
        }
        exchanges[exchanges.startIndex] = exchange
        return head
    }

    private func finish(_ exchange: Exchange, _ context: ChannelHandlerContext) {
        if !exchange.keepsAlive {
            close(context)
        } else if exchanges.isEmpty, let failure {
            answer(failure, context)
        }
    }

    /// Closes the sending side only: closing both would reset a connection on which a body is still arriving.
    private func close(_ context: ChannelHandlerContext) {
        isClosing = true
        context.flush()
        context.close(mode: .output, promise: nil)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is SendContinue else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        guard exchanges.first?.awaitsContinue == true else { return promise?.succeed() ?? () }
        exchanges[exchanges.startIndex].awaitsContinue = false
        let head = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: promise)
    }
}

// Input that is not HTTP.
extension HTTP1ConnectionHandler {
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, !isClosing else { return context.fireErrorCaught(error) }
        if isReading, exchanges.isEmpty {
            // Within the rest of a body whose response was sent before.
            isClosing = true
            context.close(promise: nil)
        } else if isReading {
            // Within a body: its reader gets the error, and its route sends the response.
            isReading = false
            exchanges[newest].keepsAlive = false
            context.fireErrorCaught(error)
        } else if exchanges.isEmpty {
            answer(error, context)
        } else {
            failure = failure ?? error
        }
    }

    private func answer(_ error: HTTPParserError, _ context: ChannelHandlerContext) {
        let requestID = RequestID().text
        let body = ByteBuffer(bytes: Problem(error).json(requestID: requestID).json.encoded())
        metrics?.answeredMalformed(bytes: body.readableBytes)
        var headers: HTTPHeaders = [
            "content-type": ProblemJSON.mediaType, "content-length": "\(body.readableBytes)", "connection": "close",
            "x-request-id": requestID, "server-timing": LayerTimes().field,
        ]
        headers.add(contentsOf: SecurityHeaders.common.map { ($0, $1) })
        let head = HTTPResponseHead(version: .http1_1, status: .badRequest, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        isClosing = true
        context.flush()
        context.close(promise: nil)
    }
}

extension HTTPParserError {
    /// What is wrong with the request, as a sentence for the client's author.
    var problem: String { "The request is not valid HTTP/1.1 (\(reason))." }

    private var reason: String {
        switch self {
        case .unexpectedContentLength: "it has more than one length for its body"
        case .invalidContentLength: "its Content-Length is not a number"
        case .headerOverflow: "its headers are too long"
        case .invalidHeaderToken: "a header has an invalid character"
        case .invalidMethod: "its method is unknown"
        case .invalidEOFState: "it ended before its body was complete"
        default: "it cannot be parsed"
        }
    }
}

extension HTTPResponseHead {
    fileprivate var isInformational: Bool { (100..<200).contains(status.code) }
}
