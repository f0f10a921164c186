import FoundationEssentials
import NIOCore
import NIOPosix
import Synchronization

/// A Unix socket that forwards to an engine's, which a test can cut, silence or make lossy.
final class EngineProxy: Sendable {
    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    enum Way: Sendable {
        case open
        /// Every connection ends at once.
        case cut
        /// Connections are accepted, and no data passes through them.
        case silent
    }

    let socket: String
    private let engine: String
    private let dropsEveryThirdEvent: Bool
    private let state = Mutex(State())

    private struct State {
        var way = Way.open
        var connections: [ObjectIdentifier: any Channel] = [:]
        var droppedEvents = 0
    }

    private init(socket: String, engine: String, dropsEveryThirdEvent: Bool) {
        self.socket = socket
        self.engine = engine
        self.dropsEveryThirdEvent = dropsEveryThirdEvent
    }

    /// Runs one beside `body`.
    ///
    /// - Parameter dropsEveryThirdEvent: whether every third event of containers gets lost.
    ///   Events of networks pass, since the engine sends those of all tests to everybody.
    static func with<Result: Sendable>(
        engine: String,
        dropsEveryThirdEvent: Bool = false,
        _ body: @escaping @Sendable (EngineProxy) async throws -> Result
    ) async throws -> Result {
        try await withDirectory { directory in
            let proxy = EngineProxy(
                socket: directory + "/docker.sock",
                engine: engine,
                dropsEveryThirdEvent: dropsEveryThirdEvent
            )
            let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .bind(unixDomainSocketPath: proxy.socket) { channel in
                    channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
                }
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await proxy.serve(listener) }
                defer { group.cancelAll() }
                return try await body(proxy)
            }
        }
    }

    var endpoint: String { "unix://\(socket)" }

    /// The number of events that have got lost here.
    var droppedEvents: Int { state.withLock { $0.droppedEvents } }

    func turn(_ way: Way) {
        let ended = state.withLock { state in
            state.way = way
            return way == .cut ? Array(state.connections.values) : []
        }
        for connection in ended { connection.close(promise: nil) }
    }

    private func serve(_ listener: NIOAsyncChannel<Connection, Never>) async throws {
        try await listener.executeThenClose { clients in
            try await withThrowingDiscardingTaskGroup { group in
                for try await client in clients {
                    // Broken connections are expected here.
                    group.addTask { try? await self.relay(client) }
                }
            }
        }
    }

    private func relay(_ client: Connection) async throws {
        let id = ObjectIdentifier(client.channel)
        let isCut = state.withLock { state in
            state.connections[id] = client.channel
            return state.way == .cut
        }
        defer { state.withLock { $0.connections[id] = nil } }
        try await client.executeThenClose { requests, toClient in
            guard !isCut else { return }
            let engine = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: engine) { channel in
                    channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
                }
            try await engine.executeThenClose { answers, toEngine in
                let filter = Filter(isWanted: dropsEveryThirdEvent)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await self.pass(requests, to: toEngine) { filter.note(request: $0) } }
                    group.addTask { try await self.pass(answers, to: toClient) { self.pass(&$0, through: filter) } }
                    defer { group.cancelAll() }
                    try await group.next()
                }
            }
        }
    }

    private func pass(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        _ change: (inout ByteBuffer) -> Void
    ) async throws {
        for try await var bytes in inbound {
            guard state.withLock({ $0.way }) == .open else { continue }
            change(&bytes)
            if bytes.readableBytes > 0 { try await outbound.write(bytes) }
        }
    }

    private func pass(_ bytes: inout ByteBuffer, through filter: Filter) {
        let dropped = filter.pass(&bytes)
        if dropped > 0 { state.withLock { $0.droppedEvents += dropped } }
    }
}

/// The filter for a connection's data, starting with the request for events.
private final class Filter: Sendable {
    private let isWanted: Bool
    private let dropper = Mutex<EventDropper?>(nil)

    init(isWanted: Bool) { self.isWanted = isWanted }

    func note(request: ByteBuffer) {
        let text = String(buffer: request)
        guard isWanted, text.contains("/events?"), text.contains("container") else { return }
        dropper.withLock { $0 = EventDropper() }
    }

    func pass(_ bytes: inout ByteBuffer) -> Int { dropper.withLock { $0?.pass(&bytes) ?? 0 } }
}
