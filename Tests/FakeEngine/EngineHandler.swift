package import NIOCore
package import NIOHTTP1

/// One connection to a simulated engine.
package final class EngineHandler: ChannelInboundHandler {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias OutboundOut = HTTPServerResponsePart

    private let daemon: Daemon
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    /// The command that owns the connection.
    private var exec: Exec?

    package init(_ daemon: Daemon) { self.daemon = daemon }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ByteBuffer()
        case .body(let bytes): body.writeImmutableBuffer(bytes)
        case .end:
            guard let head else { return }
            answer(EngineRequest(head, body: body), to: head, context)
        }
    }

    package func channelActive(context: ChannelHandlerContext) {
        daemon.connected(context.channel)
        context.fireChannelActive()
    }

    private func answer(_ request: EngineRequest, to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard !daemon.behavior.isSilent else { return }
        let delay = daemon.behavior.delay(of: request)
        guard delay > .zero else { return give(daemon.answer(request), to: head, context) }
        context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(Int64(delay / .nanoseconds(1)))) { [self] in
            guard context.channel.isActive else { return }
            give(daemon.answer(request), to: head, context)
        }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        daemon.disconnected(context.channel)
        exec?.end()
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func give(_ answer: EngineAnswer, to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        switch answer {
        case .json(let status, let text): send(status, "application/json", text, to: request, context)
        case .text(let text): send(.ok, "text/plain; charset=utf-8", text, to: request, context)
        case .log(let frames): send(.ok, "application/octet-stream", frames, to: request, context)
        case .followedLog(let container, let selection):
            startStream(of: "application/octet-stream", context)
            let frames = selection.frames(of: container.log)
            if frames.readableBytes > 0 {
                context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(frames))), promise: nil)
            }
            daemon.follow(container, selection, to: context.channel)
        case .empty(let status): send(status, nil, "", to: request, context)
        case .events(let filter):
            startStream(of: "application/json", context)
            daemon.subscribe(context.channel, filter)
        case .usage(let container, let samples):
            startStream(of: "application/json", context)
            let lines = ByteBuffer(string: samples.map { $0 + "\n" }.joined())
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(lines))), promise: nil)
            daemon.followUsage(of: container, context.channel)
        case .exec(let exec): start(exec, context)
        }
    }

    /// Gives the connection to a command.
    private func start(_ exec: Exec, _ context: ChannelHandlerContext) {
        self.exec = exec
        exec.isRunning = true
        let head = HTTPResponseHead(
            version: .http1_1,
            status: .switchingProtocols,
            headers: ["connection": "Upgrade", "upgrade": "tcp"]
        )
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        guard !exec.takesInput else {
            try? context.pipeline.syncOperations.addHandler(InputReader(), position: .first)
            if !daemon.behavior.readsInput { _ = context.channel.setOption(.autoRead, value: false) }
            return
        }
        let text = Array("executed\n".utf8)
        let frame = exec.hasTTY ? text : [1, 0, 0, 0, 0, 0, 0, UInt8(text.count)] + text
        // From here on the connection carries no HTTP.
        let raw = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
        raw?.writeAndFlush(NIOAny(ByteBuffer(bytes: frame)), promise: nil)
        exec.end()
        context.close(promise: nil)
    }

    private func startStream(of type: String, _ context: ChannelHandlerContext) {
        let headers: HTTPHeaders = ["content-type": type, "transfer-encoding": "chunked"]
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
    }

    private func send(
        _ status: HTTPResponseStatus,
        _ type: String?,
        _ text: String,
        to request: HTTPRequestHead,
        _ context: ChannelHandlerContext
    ) {
        send(status, type, ByteBuffer(string: text), to: request, context)
    }

    private func send(
        _ status: HTTPResponseStatus,
        _ type: String?,
        _ body: ByteBuffer,
        to request: HTTPRequestHead,
        _ context: ChannelHandlerContext
    ) {
        var headers: HTTPHeaders = ["api-version": "1.41"]
        if let type { headers.add(name: "content-type", value: type) }
        if status.mayHaveResponseBody { headers.add(name: "content-length", value: "\(body.readableBytes)") }
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if body.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if !request.isKeepAlive { context.close(promise: nil) }
    }
}

/// Reads the input of a command, which is not HTTP, and drops it.
private final class InputReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}
