import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix

/// One simulated Docker Engine on a Unix socket, for tests.
///
/// It keeps containers as an engine does and sends events, but nothing runs. Its times are those of its own clock.
package final class FakeEngine: Sendable {
    package let socket: String
    private let loop: any EventLoop
    private let daemon: NIOLoopBound<Daemon>

    private init(_ socket: String, _ behavior: FakeEngineBehavior, on loop: any EventLoop) {
        self.socket = socket
        self.loop = loop
        daemon = NIOLoopBound(Daemon(number: 0, behavior: behavior), eventLoop: loop)
    }

    /// Hands `body` an engine that listens, and stops it afterwards.
    package static func with<Result>(
        _ behavior: FakeEngineBehavior = FakeEngineBehavior(),
        at socket: String,
        _ body: (FakeEngine) async throws -> Result
    ) async throws -> Result {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let engine = try await loop.submit { FakeEngine(socket, behavior, on: loop) }.get()
        let listener = try await loop.flatSubmit { engine.daemon.value.listen(at: socket, on: loop) }.get()
        do {
            let result = try await body(engine)
            try await engine.stop(listener)
            return result
        } catch {
            try? await engine.stop(listener)
            throw error
        }
    }

    private func stop(_ listener: any Channel) async throws {
        try await listener.close()
        try await loop.submit { self.daemon.value.disconnectAll() }.get()
    }

    package var endpoint: String { "unix://\(socket)" }

    /// A container as the engine has it.
    package struct State: Sendable {
        package let id: String
        package let name: String
        package let state: String
        package let labels: [String: String]
    }

    /// Its containers, the oldest first.
    package var containers: [State] {
        get async throws {
            try await loop.submit {
                self.daemon.value.containers.values.sorted { $0.created < $1.created }.map {
                    State(id: $0.id, name: $0.name, state: $0.state.rawValue, labels: $0.labels)
                }
            }.get()
        }
    }

    /// How many containers it was asked for, also those that it refused.
    package var creations: Int {
        get async throws { try await loop.submit { self.daemon.value.creations }.get() }
    }

    /// How many images it was asked to pull.
    package var pulls: Int {
        get async throws { try await loop.submit { self.daemon.value.pulls }.get() }
    }

    /// Ends the process of a container, and sends the event.
    package func end(_ name: String, exitCode: Int) async throws {
        try await loop.submit {
            guard let container = self.daemon.value.container(named: name) else { return }
            self.daemon.value.end(container, exitCode: exitCode)
        }.get()
    }

    /// Puts all containers into a state, such as `restarting`, of which it sends no event.
    package func putAll(into state: String) async throws {
        try await loop.submit {
            for container in self.daemon.value.containers.values { container.put(into: state) }
        }.get()
    }

    /// Removes a container, and sends the event.
    package func remove(_ name: String) async throws {
        try await loop.submit {
            guard let container = self.daemon.value.container(named: name) else { return }
            self.daemon.value.remove(container)
        }.get()
    }

    /// Closes all connections, as an engine does that is restarted; it takes new ones at once.
    package func disconnectAll() async throws {
        try await loop.submit { self.daemon.value.disconnectAll() }.get()
    }

    /// From now on.
    package func set(_ behavior: FakeEngineBehavior) async throws {
        try await loop.submit { self.daemon.value.behavior = behavior }.get()
    }
}

/// What a simulated engine does otherwise than a good one.
package struct FakeEngineBehavior: Sendable {
    /// How long an action on a container takes, such as its start.
    package var actionDelay: Duration
    /// How long each call is on its connection, also a ping.
    package var latency: Duration
    /// How far its clock is ahead; nil for one that does not report it.
    package var clockOffset: Duration?
    /// Whether it refuses to create the container that is its `n`th, from 1.
    package var refusesCreation: @Sendable (Int) -> Bool
    /// Whether it has every image from the start, or none until one was pulled.
    package var hasImages = true
    /// Whether its events get lost.
    package var losesEvents = false
    /// Whether it answers no call.
    package var isSilent = false

    package init(
        actionDelay: Duration = .zero,
        latency: Duration = .zero,
        clockOffset: Duration? = .zero,
        refusing refusesCreation: @escaping @Sendable (Int) -> Bool = { _ in false }
    ) {
        self.actionDelay = actionDelay
        self.latency = latency
        self.clockOffset = clockOffset
        self.refusesCreation = refusesCreation
    }

    /// How long it keeps a call.
    func delay(of request: EngineRequest) -> Duration {
        let isAction = request.method == .POST && request.segments.count == 3 && request.segments[0] == "containers"
        return isAction ? latency + actionDelay : latency
    }
}
