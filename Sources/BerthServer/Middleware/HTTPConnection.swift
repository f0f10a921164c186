import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP2
import NIOHTTPTypesHTTP1
import NIOHTTPTypesHTTP2
import NIOSSL

/// A client's connection: HTTP/1.1, or over TLS also HTTP/2 if the client offers it.
///
/// HTTP/1.1 is Hummingbird's, with ``HTTP1ConnectionHandler`` beside its decoder.
struct HTTPConnection: ServerChildChannel {
    typealias Streams = NIOHTTP2Handler.AsyncStreamMultiplexer<HTTP1Channel.Value>

    enum Value: ServerChildChannelValue {
        case plain(HTTP1Channel.Value)
        case tls(any Channel, EventLoopFuture<NIONegotiatedHTTPVersion<HTTP1Channel.Value, Streams>>)

        var channel: any Channel {
            switch self {
            case .plain(let value): value.channel
            case .tls(let channel, _): channel
            }
        }
    }

    let http1: HTTP1Channel
    let metrics: HTTPMetrics?
    let limits: ConnectionLimits
    /// Nil for connections without TLS.
    let certificate: ServerCertificate?

    /// A connection without a request for this long is closed, and one that stands still in its head or body.
    static let timeout = TimeAmount.seconds(60)

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        do {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(ConnectionHandler(limits, metrics))
            guard let certificate else { return setUpHTTP1(channel, logger).map(Value.plain) }
            try pipeline.addHandler(NIOSSLServerHandler(context: certificate.context))
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        return channel.configureHTTP2AsyncSecureUpgrade { channel in
            setUpHTTP1(channel, logger)
        } http2ConnectionInitializer: { channel in
            setUpHTTP2(channel, logger)
        }.map { negotiated in
            let end = channel.eventLoop.scheduleTask(in: Self.timeout) { channel.close(promise: nil) }
            negotiated.whenComplete { _ in end.cancel() }
            return .tls(channel, negotiated)
        }
    }

    private func setUpHTTP1(_ channel: any Channel, _ logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        http1.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            try pipeline.addHandler(HTTP1ConnectionHandler(metrics), position: .before(codec))
            return value
        }
    }

    func handle(value: Value, logger: Logger) async {
        switch value {
        case .plain(let connection): await http1.handle(value: connection, logger: logger)
        case .tls(_, let negotiated):
            // A client that fails to agree on TLS is not worth a line of the log.
            switch try? await negotiated.get() {
            case .http1_1(let connection): await http1.handle(value: connection, logger: logger)
            case .http2(let streams): await handle(streams, logger)
            case nil: return
            }
        }
    }
}

// HTTP/2.
extension HTTPConnection {
    private func setUpHTTP2(_ channel: any Channel, _ logger: Logger) -> EventLoopFuture<Streams> {
        channel.eventLoop.makeCompletedFuture {
            // A client of HTTP/2 never closes only its sending side.
            try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false)
            let manager = NIOHTTP2ServerConnectionManagementHandler(
                eventLoop: channel.eventLoop,
                configuration: .init(
                    maxIdleTime: Self.timeout,
                    maxAge: nil,
                    maxGraceTime: Self.timeout,
                    keepalive: .init(pingInterval: .seconds(60), ackTimeout: .seconds(20))
                )
            )
            let pipeline = channel.pipeline.syncOperations
            let streams: Streams = try pipeline.configureAsyncHTTP2Pipeline(
                mode: .server,
                streamDelegate: manager.http2StreamDelegate,
                configuration: Self.http2
            ) { setUpStream($0, logger) }
            try pipeline.addHandlers(manager, NIOCloseOnErrorHandler())
            return streams
        }
    }

    /// With limits against clients that open streams only to reset them (CVE-2023-44487).
    private static var http2: NIOHTTP2Handler.Configuration {
        var configuration = NIOHTTP2Handler.Configuration()
        configuration.connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: 100),
            HTTP2Setting(parameter: .maxHeaderListSize, value: 65_536),
        ]
        configuration.stream.streamResetFrameRateLimit.maximumCount = 200
        configuration.stream.streamResetFrameRateLimit.windowLength = .seconds(30)
        return configuration
    }

    private func setUpStream(_ channel: any Channel, _ logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandlers(HTTP2FramePayloadToHTTPServerCodec(), HTTP2StreamHandler())
            try pipeline.addHandlers(http1.configuration.additionalChannelHandlers())
            try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: .init(Self.timeout), logger: logger))
            return try HTTP1Channel.Value(wrappingChannelSynchronously: channel)
        }
    }

    private func handle(_ streams: Streams, _ logger: Logger) async {
        // The iteration fails when the connection does.
        try? await withThrowingDiscardingTaskGroup { group in
            for try await stream in streams.inbound {
                group.addTask { await http1.handle(value: stream, logger: logger) }
            }
        }
    }
}
