import DockerEngine
import JSON
import Synchronization
import TestSupport

/// Direct `docker` operations on a server's containers, and the engine's response times.
final class Churn: Sendable {
    private struct State {
        var events = 0
        var calls: [Duration] = []
    }

    private let engine: Engine
    private let containers: [ContainerID]
    private let state = Mutex(State())

    private init(_ engine: Engine, _ containers: [ContainerID]) {
        self.engine = engine
        self.containers = containers
    }

    /// Calls `body` while the events of the server's containers are counted.
    static func with<Result: Sendable>(
        _ truth: EngineTruth,
        _ body: @escaping @Sendable (Churn) async throws -> Result
    ) async throws -> Result {
        let containers = try await truth.containers().map(\.id)
        return try await withEngine(at: truth.socket) { engine in
            let churn = Churn(engine, containers)
            let events = try await engine.events(
                types: ["container"],
                labels: ["berth.instance=\(truth.instance)"]
            )
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for try await _ in events { churn.state.withLock { $0.events += 1 } } }
                defer { group.cancelAll() }
                return try await body(churn)
            }
        }
    }

    /// The number of events so far.
    var events: Int { state.withLock { $0.events } }

    /// The duration of each call since the last request, in ascending order.
    func takeCalls() -> [Duration] {
        state.withLock { state in
            defer { state.calls = [] }
            return state.calls.sorted()
        }
    }
}

extension Churn {
    /// Sends every container `signals` signals that it ignores; each is one event.
    func signal(times signals: Int, apart pause: Duration = .zero) async throws {
        try await withEach { engine, container, _ in
            for _ in 0..<signals {
                try await self.call { try await engine.killContainer(container, signal: "SIGUSR1") }
                if pause > .zero { try await Task.sleep(for: pause) }
            }
        }
    }

    /// Pauses and resumes every container, and kills and starts it again, with many signals in between.
    func shake(rounds: Int) async throws {
        try await withEach { engine, container, _ in
            for round in 0..<rounds {
                if try await self.pause(container) {
                    try await self.call { try await engine.unpauseContainer(container) }
                }
                for _ in 0..<7 { try await self.call { try await engine.killContainer(container, signal: "SIGUSR1") } }
                guard round % 4 == 0 else { continue }
                try await self.call { try await engine.killContainer(container) }
                _ = try await engine.waitForContainer(container, deadline: .timeout)
                try await self.call { try await engine.startContainer(container) }
            }
        }
    }

    /// Leaves a fifth of the containers running, and one fifth each paused, killed, stopped and removed.
    func scatter() async throws {
        try await withEach { engine, container, index in
            switch index % 5 {
            case 1: try await eventually("it is paused") { try await self.pause(container) }
            case 2: try await engine.killContainer(container)
            case 3: try await engine.stopContainer(container)
            case 4: try await engine.removeContainer(container, force: true)
            default: break
            }
        }
    }

    /// - Returns: whether it worked: on a busy machine an engine may give up freezing a container.
    private func pause(_ container: ContainerID) async throws -> Bool {
        do {
            try await call { try await self.engine.pauseContainer(container) }
            return true
        } catch EngineError.status(500, _) {
            return false
        }
    }

    private func withEach(_ body: @escaping @Sendable (Engine, ContainerID, Int) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, container) in containers.enumerated() {
                group.addTask { try await body(self.engine, container, index) }
            }
            try await group.waitForAll()
        }
    }

    private func call(_ body: @Sendable () async throws -> Void) async throws {
        let duration = try await timed(body).duration
        state.withLock { $0.calls.append(duration) }
    }
}
