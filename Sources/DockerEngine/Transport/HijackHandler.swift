import FoundationEssentials
import NIOCore

/// Sends a request that asks for a raw connection, and passes on all bytes after the head of the response.
///
/// SwiftNIO's handler for upgrades would lose output here: it needs several turns of the event loop, in which an engine
/// may have sent the whole output and closed the connection.
///
/// Source: "Hijacking" under `POST /containers/{id}/attach` in the Engine API's reference.
final class HijackHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case head
        /// The engine has refused the request with this status; its message follows.
        case refusal(status: Int, length: Int?)
        case raw
        case failed
    }

    private static let maximumHead = 16 << 10
    private static let maximumMessage = 64 << 10

    private let request: ByteBuffer
    /// Succeeds when the connection is raw; otherwise fails.
    private let response: EventLoopPromise<Void>
    private var state = State.head
    private var received = ByteBuffer()

    init(_ request: ByteBuffer, response: EventLoopPromise<Void>) {
        self.request = request
        self.response = response
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if case .raw = state { return context.fireChannelRead(data) }
        received.writeBuffer(&bytes)
        if case .head = state { readHead() }
        switch state {
        case .raw where received.readableBytes > 0:
            context.fireChannelRead(wrapInboundOut(received))
            received = ByteBuffer()
        case .refusal(let status, let length):
            let isComplete = received.readableBytes >= min(length ?? .max, Self.maximumMessage)
            if isComplete { refuse(status) }
        case .head where received.readableBytes > Self.maximumHead: fail(.undecodable("its head is too long"))
        case .head, .raw, .failed: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { finish() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        response.fail(error)
        context.fireErrorCaught(error)
    }

    /// No more bytes come.
    private func finish() {
        switch state {
        case .refusal(let status, _): refuse(status)
        case .head: fail(.unreachable("it closed the connection during a response"))
        case .raw, .failed: break
        }
    }

    private func readHead() {
        let view = received.readableBytesView
        guard let end = view.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
        let lines = String(decoding: view[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        received.moveReaderIndex(to: end.upperBound)
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count > 1, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            return fail(.undecodable("it is not valid HTTP"))
        }
        let fields = lines.dropFirst().map { $0.lowercased() }
        switch status {
        case 101 where fields.contains("upgrade: tcp"):
            state = .raw
            response.succeed()
        case 400...:
            let length = fields.lazy.filter { $0.hasPrefix("content-length:") }.first.flatMap { field in
                Int(field.dropFirst("content-length:".count).filter { $0 != " " })
            }
            // A message in chunks is taken as far as it is there.
            state = .refusal(status: status, length: fields.contains("transfer-encoding: chunked") ? 0 : length)
        default: fail(.undecodable("it did not switch to a stream (\(status))"))
        }
    }

    private func refuse(_ status: Int) {
        let message = received.readSlice(length: min(received.readableBytes, Self.maximumMessage)) ?? received
        fail(statusError(status, saying: message))
    }

    private func fail(_ error: EngineError) {
        state = .failed
        response.fail(error)
    }
}
