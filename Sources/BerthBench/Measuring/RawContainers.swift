import DockerEngine
import Synchronization

/// The same container as the app's, created and started through the engine's own API.
struct RawContainers: Sendable {
    let engine: Engine
    let names: BenchNames
    let spec: ContainerSpec
    let unanswered: UnansweredNames

    init(_ engine: Engine, names: BenchNames, order: BenchOptions, unanswered: UnansweredNames) {
        self.engine = engine
        self.names = names
        self.unanswered = unanswered
        spec = ContainerSpec(
            image: order.image,
            command: order.command,
            environment: [],
            labels: [BenchNames.label: names.id]
        )
    }

    /// Runs one container, timed from the first call until it was started.
    func run(_ number: Int) async throws -> (id: ContainerID, took: Duration) {
        let name = names.container(number)
        let clock = ContinuousClock()
        unanswered.add(name)
        let start = clock.now
        let id = try await engine.createContainer(named: name, from: spec)
        unanswered.remove(name)
        try await engine.startContainer(id)
        return (id, clock.now - start)
    }

    /// Kills a container of Berth's directly on the engine.
    func end(_ id: ContainerID) async throws {
        do {
            try await engine.killContainer(id)
        } catch let error as EngineError where error.isConflict {
            // It has already ended.
        }
    }

    /// Waits until the engine has cleaned up, which takes about 100 ms after it has reported the container's end.
    func waitUntilCleanedUp(_ id: ContainerID) async throws {
        _ = try await engine.waitForContainer(id, deadline: .seconds(60))
    }

    /// Whether a container of Berth's runs on this engine.
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

/// Names of containers whose creation was requested and has no response: an engine creates them even if the client has
/// disconnected.
final class UnansweredNames: Sendable {
    private let names = Mutex<Set<String>>([])

    func add(_ name: String) { names.withLock { _ = $0.insert(name) } }

    func remove(_ name: String) { names.withLock { _ = $0.remove(name) } }

    var all: Set<String> { names.withLock { $0 } }
}
