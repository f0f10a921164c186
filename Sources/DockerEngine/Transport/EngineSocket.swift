import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Where an engine accepts connections.
enum EngineSocket: Sendable {
    case unix(path: String)
    /// - Parameter tls: nil for plain TCP.
    case tcp(host: String, port: Int, tls: TLSConfiguration?)

    /// Where its requests go.
    var baseURL: String {
        switch self {
        case .unix(let path): "http+unix://" + percentEncoded(path)
        case .tcp(let host, let port, let tls): "http\(tls == nil ? "" : "s")://\(bracketed(host)):\(port)"
        }
    }

    var tls: TLSConfiguration? { if case .tcp(_, _, let tls) = self { tls } else { nil } }

    typealias Raw = NIOAsyncChannel<ByteBuffer, ByteBuffer>
    typealias HTTP = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// A connection after its first response.
    enum Upgrade: Sendable {
        /// Both sides send bytes of their own protocol.
        case raw(Raw)
        /// The engine responded as to any other request.
        case refused(HTTP)
    }

    /// Opens a connection of its own, and sends one request to `path` that asks for raw bytes in both directions.
    ///
    /// Source: "Hijacking" under `POST /containers/{id}/attach` in the Engine API's reference.
    ///
    /// - Throws: `EngineError.timedOut` when there was no response within `limit`, errors of SwiftNIO, and
    ///   `CancellationError`.
    func upgrade(_ path: String, headers: HTTPHeaders, body: ByteBuffer, within limit: Duration) async throws -> Upgrade
    {
        let start = ContinuousClock.now
        let (channel, upgrade) = try await connect { channel in
            channel.eventLoop.makeCompletedFuture {
                (channel, try Self.addHandlers(to: channel.pipeline.syncOperations, path, headers, body))
            }
        }
        let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(limit)) { channel.close(promise: nil) }
        defer { deadline.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await upgrade.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch {
            channel.close(promise: nil)
            try Task.checkCancellation()
            throw ContinuousClock.now - start < limit ? error : EngineError.timedOut(limit)
        }
    }

    private func connect<Output: Sendable>(
        _ initialize: @escaping @Sendable (any Channel) -> EventLoopFuture<Output>
    ) async throws -> Output {
        let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(5))
            // An engine that has closed its side may still read.
            .channelOption(.allowRemoteHalfClosure, value: true)
        switch self {
        case .unix(let path):
            return try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: initialize)
        case .tcp(let host, let port, nil):
            return try await bootstrap.connect(host: host, port: port, channelInitializer: initialize)
        case .tcp(let host, let port, let tls?):
            let context = try NIOSSLContext(configuration: tls)
            return try await bootstrap.connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    // The name of an IP address is not sent to the engine, and not compared.
                    let name = (try? SocketAddress(ipAddress: host, port: port)) == nil ? host : nil
                    let handler = try NIOSSLClientHandler(context: context, serverHostname: name)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }.flatMap { initialize(channel) }
            }
        }
    }

    private static func addHandlers(
        to pipeline: ChannelPipeline.SynchronousOperations,
        _ path: String,
        _ headers: HTTPHeaders,
        _ body: ByteBuffer
    ) throws -> EventLoopFuture<Upgrade> {
        var head = HTTPRequestHead(version: .http1_1, method: .POST, uri: path, headers: headers)
        head.headers.replaceOrAdd(name: "host", value: "docker")
        head.headers.replaceOrAdd(name: "content-type", value: "application/json")
        head.headers.replaceOrAdd(name: "content-length", value: "\(body.readableBytes)")
        let http: [any ChannelHandler & RemovableChannelHandler] = [
            HTTPRequestEncoder(), ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes)),
            RequestBodyHandler(body),
        ]
        try pipeline.addHandlers(http)
        let upgrade = NIOTypedHTTPClientUpgradeHandler(
            httpHandlers: http,
            upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration(
                upgradeRequestHead: head,
                upgraders: [RawUpgrader()],
                notUpgradingCompletionHandler: { channel in
                    channel.eventLoop.makeCompletedFuture { .refused(try HTTP(wrappingChannelSynchronously: channel)) }
                }
            )
        )
        try pipeline.addHandler(upgrade)
        return upgrade.upgradeResultFuture
    }
}

private struct RawUpgrader: NIOTypedHTTPClientProtocolUpgrader {
    let supportedProtocol = "tcp"
    let requiredUpgradeHeaders: [String] = []

    func addCustom(upgradeRequestHeaders: inout HTTPHeaders) {}
    func shouldAllowUpgrade(upgradeResponse: HTTPResponseHead) -> Bool { true }

    func upgrade(channel: any Channel, upgradeResponse: HTTPResponseHead) -> EventLoopFuture<EngineSocket.Upgrade> {
        channel.eventLoop.makeCompletedFuture {
            let configuration = EngineSocket.Raw.Configuration(isOutboundHalfClosureEnabled: true)
            return .raw(try EngineSocket.Raw(wrappingChannelSynchronously: channel, configuration: configuration))
        }
    }
}

/// Gives the request of SwiftNIO's upgrade, which has no body, a body.
private final class RequestBodyHandler: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    private let body: ByteBuffer

    init(_ body: ByteBuffer) { self.body = body }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .body = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: promise)
    }
}
