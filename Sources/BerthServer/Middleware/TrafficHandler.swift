import CoreMetrics
import NIOCore
import NIOHTTPTypes

/// Counts the bytes of the bodies that a connection, or a stream of HTTP/2, transfers.
final class TrafficHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart

    private let metrics: HTTPMetrics

    init(_ metrics: HTTPMetrics) { self.metrics = metrics }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .body(let bytes) = unwrapInboundIn(data) { metrics.receivedBytes.increment(by: bytes.readableBytes) }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .body(let bytes) = unwrapOutboundIn(data) { metrics.sentBytes.increment(by: bytes.readableBytes) }
        context.write(data, promise: promise)
    }
}
