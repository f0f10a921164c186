import DockerEngine
import Synchronization

/// The same container as the app's, made and started by the engine's own API.
struct RawContainers: Sendable {
    let engine: Engine
    let marks: Marks
    let spec: ContainerSpec
    let unanswered: UnansweredNames

    init(_ engine: Engine, marks: Marks, order: BenchOptions, unanswered: UnansweredNames) {
        self.engine = engine
        self.marks = marks
        self.unanswered = unanswered
        spec = ContainerSpec(
            image: order.image,
            command: order.command,
            environment: [],
            labels: [Marks.label: marks.id]
        )
    }

    /// One container, from the first call until it was started.
    func run(_ number: Int) async throws -> (id: ContainerID, took: Duration) {
        let name = marks.container(number)
        let clock = ContinuousClock()
        unanswered.add(name)
        let start = clock.now
        let id = try await engine.createContainer(named: name, from: spec)
        unanswered.remove(name)
        try await engine.startContainer(id)
        return (id, clock.now - start)
    }

    func remove(_ id: ContainerID) async throws {
        try await engine.removeContainer(id, force: true)
    }

    /// Kills a container of Berth's behind its back.
    func end(_ id: ContainerID) async throws {
        do {
            try await engine.killContainer(id)
        } catch let error as EngineError where error.isConflict {
            // It has ended by itself.
        }
    }

    /// An engine says that a container has ended, and holds it for another 100 ms to clean up.
    func waitUntilCleanedUp(_ id: ContainerID) async throws {
        _ = try await engine.waitForContainer(id, deadline: .seconds(60))
    }

    /// Whether this engine is the one that a container of Berth's runs on.
    func holds(_ container: String) async throws -> Bool {
        guard let id = ContainerID(container) else { return false }
        do {
            _ = try await engine.container(id)
            return true
        } catch let error as EngineError where error.isNotFound {
            return false
        }
    }
}

/// Containers whose making was asked for and not answered: an engine makes them also when nobody waits any more.
final class UnansweredNames: Sendable {
    private let names = Mutex<Set<String>>([])

    func add(_ name: String) { names.withLock { _ = $0.insert(name) } }

    func remove(_ name: String) { names.withLock { _ = $0.remove(name) } }

    var all: Set<String> { names.withLock { $0 } }
}
