import NIOCore
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

    typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Opens a connection of its own, and sends one request after which it carries raw bytes in both directions.
    ///
    /// - Throws: `EngineError.timedOut` when there was no response within `limit`, `EngineError.status` for a refusal,
    ///   errors of SwiftNIO, and `CancellationError`.
    func hijack(_ request: ByteBuffer, within limit: Duration) async throws -> Connection {
        let start = ContinuousClock.now
        let (connection, response) = try await connect { channel in
            channel.eventLoop.makeCompletedFuture {
                let response = channel.eventLoop.makePromise(of: Void.self)
                try channel.pipeline.syncOperations.addHandler(HijackHandler(request, response: response))
                let connection = try Connection(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(isOutboundHalfClosureEnabled: true)
                )
                return (connection, response.futureResult)
            }
        }
        let channel = connection.channel
        let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(limit)) { channel.close(promise: nil) }
        defer { deadline.cancel() }
        do {
            try await withTaskCancellationHandler {
                try await response.get()
            } onCancel: {
                channel.close(promise: nil)
            }
            return connection
        } catch {
            try? await connection.executeThenClose { _, _ in }
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
}
