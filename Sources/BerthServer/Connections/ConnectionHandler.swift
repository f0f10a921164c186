import Berth
import CoreMetrics
import NIOCore

/// Counts a connection while it is open, or refuses it; the first handler of the connection.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let limits: ConnectionLimits
    private let metrics: HTTPMetrics?
    private var address: IPAddress?
    private var isCounted = false

    init(_ limits: ConnectionLimits, _ metrics: HTTPMetrics?) { (self.limits, self.metrics) = (limits, metrics) }

    func channelActive(context: ChannelHandlerContext) {
        address = context.channel.remoteAddress.flatMap { IPAddress($0) }
        guard limits.open(address) else { return context.close(promise: nil) }
        isCounted = true
        metrics?.connections.increment()
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if isCounted {
            isCounted = false
            limits.close(address)
            metrics?.connections.decrement()
        }
        context.fireChannelInactive()
    }
}
