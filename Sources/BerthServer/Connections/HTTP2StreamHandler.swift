import HTTPTypes
import NIOCore
import NIOHTTP2
import NIOHTTPTypes
import NIOHTTPTypesHTTP2

/// Adapts a stream of HTTP/2 to routes, which are written for connections of HTTP/1.1.
///
/// A stream ends with its response, so nothing needs to close it. Source: RFC 9113, sections 8.1 and 8.2.2.
final class HTTP2StreamHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Whether the request's end has arrived.
    private var hasRequest = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .end = unwrapInboundIn(data) { hasRequest = true }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            head.headerFields[.connection] = nil
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            if hasRequest { return context.write(data, promise: promise) }
            // The client may stop sending its body, since the route does not read it.
            let written = promise ?? context.eventLoop.makePromise(of: Void.self)
            let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
            written.futureResult.whenSuccess {
                guard !bound.value.handler.hasRequest else { return }
                let reset = NIOHTTP2FramePayloadToHTTPEvent.reset(code: .noError)
                bound.value.context.triggerUserOutboundEvent(reset, promise: nil)
            }
            context.write(data, promise: written)
        }
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is HTTP1ConnectionHandler.SendContinue else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: promise)
    }
}
