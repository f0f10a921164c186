import BerthAPI
import JSON
import NIOCore
import NIOHTTP1

/// Keeps a client's connection open, or closes it, as its HTTP version and its headers ask; answers what is no HTTP.
///
/// Stands next to the decoder, since what follows in the pipeline no longer knows the version. Source: RFC 9112, section 9;
/// RFC 9110, section 10.1.1.
final class HTTP1ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Asks for `100 Continue`, where the client waits for it; triggered as an outbound event.
    struct SendContinue: Sendable {}

    private let metrics: HTTPMetrics?
    /// Requests whose responses are not complete, the oldest first.
    private var exchanges: CircularBuffer<Exchange> = []
    /// Whether the newest of them has not been read to its end.
    private var isReading = false
    /// What follows the requests and is no HTTP.
    private var failure: HTTPParserError?
    /// Whether the last response was written, so that what else the client sends is dropped.
    private var isClosing = false

    private struct Exchange {
        let isHTTP10: Bool
        var keepsAlive: Bool
        /// Whether the client holds its body back until it gets `100 Continue`.
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
            // In the one form that the server looks for; a client may write "Close" or "close, TE".
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

    /// The body is here, so nothing has to be said for it to come.
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

    /// The response's head in the client's version, saying what becomes of the connection.
    private func answer(_ head: HTTPResponseHead) -> HTTPResponseHead {
        var (head, exchange) = (head, exchanges[exchanges.startIndex])
        let endsWithConnection =
            exchange.isHTTP10 && !head.headers.contains(name: "content-length") && head.status.mayHaveResponseBody
        // A client that gets its response before it has sent its body may still send it or not.
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

    /// Ends the sending side alone: a close of both would reset a connection on which a body is still under way.
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

// What is no HTTP.
extension HTTP1ConnectionHandler {
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, !isClosing else { return context.fireErrorCaught(error) }
        if isReading {
            // Within a body: whoever reads it gets the error, and its route answers.
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
        let body = ByteBuffer(bytes: Problem(error).json(requestID: requestID).encoded())
        metrics?.answeredMalformed(bytes: body.readableBytes)
        let headers: HTTPHeaders = [
            "content-type": ProblemJSON.mediaType, "content-length": "\(body.readableBytes)", "connection": "close",
            "x-request-id": requestID, "server-timing": ServerTiming().field,
        ]
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
    /// What is wrong with the request, as a sentence for the one who wrote the client.
    var problem: String { "The request is not valid HTTP/1.1 (\(reason))." }

    private var reason: String {
        switch self {
        case .unexpectedContentLength: "the length of its body is said twice or in two ways"
        case .invalidContentLength: "its Content-Length is no number"
        case .headerOverflow: "its headers are too long"
        case .invalidHeaderToken: "a header has characters that none may have"
        case .invalidMethod: "its method is unknown"
        case .invalidEOFState: "it ended before its body was complete"
        default: "it cannot be parsed"
        }
    }
}

extension HTTPResponseHead {
    fileprivate var isInformational: Bool { (100..<200).contains(status.code) }
}
