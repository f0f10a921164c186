import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix

/// One simulated Docker Engine on a Unix socket, for tests.
///
/// It keeps containers and sends events as an engine does, but nothing runs. Its times are those of its own clock.
package final class FakeEngine: Sendable {
    package let socket: String
    private let loop: any EventLoop
    private let daemon: NIOLoopBound<Daemon>

    private init(_ socket: String, _ behavior: FakeEngineBehavior, on loop: any EventLoop) {
        self.socket = socket
        self.loop = loop
        daemon = NIOLoopBound(Daemon(number: 0, behavior: behavior), eventLoop: loop)
    }

    /// Passes a listening engine to `body`, and stops it afterwards.
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

    /// A container in the engine's state.
    package struct State: Sendable {
        package let id: String
        package let name: String
        package let state: String
        package let labels: [String: String]
        package let image: String
        package let securityOptions: [String]?
        package let pidsLimit: Int?
        package let logDriver: String?
        package let logOptions: [String: String]?
        /// `NAME=value`.
        package let environment: [String]
    }

    /// Its containers, oldest first.
    package var containers: [State] {
        get async throws {
            try await loop.submit {
                self.daemon.value.containers.values.sorted { $0.created < $1.created }.map {
                    State(
                        id: $0.id,
                        name: $0.name,
                        state: $0.state.rawValue,
                        labels: $0.labels,
                        image: $0.definition.image,
                        securityOptions: $0.definition.securityOptions,
                        pidsLimit: $0.definition.pidsLimit,
                        logDriver: $0.definition.logConfig.driver,
                        logOptions: $0.definition.logConfig.options,
                        environment: $0.definition.environment ?? []
                    )
                }
            }.get()
        }
    }

    /// The number of requested containers, including the refused ones.
    package var creations: Int {
        get async throws { try await loop.submit { self.daemon.value.creations }.get() }
    }

    /// The number of requested image pulls.
    package var pulls: Int {
        get async throws { try await loop.submit { self.daemon.value.pulls }.get() }
    }

    /// The logins of the requested pulls, in JSON; empty for a pull without one.
    package var logins: [String] {
        get async throws { try await loop.submit { self.daemon.value.logins }.get() }
    }

    /// Its images, the oldest first.
    package var images: [Image] {
        get async throws { try await loop.submit { self.daemon.value.images }.get() }
    }

    package func add(_ images: Image...) async throws {
        try await loop.submit { self.daemon.value.images += images }.get()
    }

    /// Ends the process of a container, and sends the event.
    package func end(_ name: String, exitCode: Int) async throws {
        try await loop.submit {
            guard let container = self.daemon.value.container(named: name) else { return }
            self.daemon.value.end(container, exitCode: exitCode)
        }.get()
    }

    /// Writes a line as a container.
    ///
    /// - Parameter time: nanoseconds since 1970; nil for now, by the engine's clock.
    package func write(_ text: String, isError: Bool = false, at time: Int64? = nil, as name: String) async throws {
        try await loop.submit {
            guard let container = self.daemon.value.container(named: name) else { return }
            self.daemon.value.write(text, isError: isError, at: time, of: container)
        }.get()
    }

    /// The number of containers' logs that are followed.
    package var followedLogs: Int {
        get async throws { try await loop.submit { self.daemon.value.followedLogs }.get() }
    }

    /// Puts all containers into a state, such as `restarting`, without an event.
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

    /// Closes all connections, as a restarted engine does; it accepts new ones at once.
    package func disconnectAll() async throws {
        try await loop.submit { self.daemon.value.disconnectAll() }.get()
    }

    /// Applies from now on.
    package func set(_ behavior: FakeEngineBehavior) async throws {
        try await loop.submit { self.daemon.value.behavior = behavior }.get()
    }
}

/// The differences of a simulated engine from a normal one.
package struct FakeEngineBehavior: Sendable {
    /// The duration of an action on a container, such as its start.
    package var actionDelay: Duration
    /// The network latency of each call, including a ping.
    package var latency: Duration
    /// The lead of its clock; nil if it does not report its time.
    package var clockOffset: Duration?
    /// Whether it refuses to create its `n`th container, counted from 1.
    package var refusesCreation: @Sendable (Int) -> Bool
    /// Its default log driver; nil if it does not report one.
    package var logDriver: String? = "json-file"
    /// Why it refuses to create a container.
    package var creationRefusal = "no such runtime"
    /// Whether it has every image from the start, or none until one is pulled.
    package var hasImages = true
    /// Why its pulls fail after they have begun; nil if they succeed.
    package var pullFailure: String?
    /// Whether its pulls report nothing but their end.
    package var pullsSilently = false
    /// Whether its commands read their input, and so learn of its end.
    package var readsInput = true
    /// Whether its events get lost.
    package var losesEvents = false
    /// Whether it leaves all calls unanswered.
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

    /// The total delay of a call.
    func delay(of request: EngineRequest) -> Duration {
        let isAction = request.method == .POST && request.segments.count == 3 && request.segments[0] == "containers"
        return isAction ? latency + actionDelay : latency
    }
}
