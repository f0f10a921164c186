import BerthAPI
import DockerEngine

/// How often the server and the engine can list what there is.
package struct Lists: Sendable {
    package let healthz: Load
    package let runs: Load
    /// Nil where there is no way to the engine.
    package let raw: Load?

    package init(healthz: Load, runs: Load, raw: Load?) {
        self.healthz = healthz
        self.runs = runs
        self.raw = raw
    }

    static let path = "/v1/runs?limit=100"

    init(of client: APIClient, beside raw: RawContainers?) async throws {
        let items = try await client.get(Self.path).json().list(at: "items").count
        var contestants: [@Sendable () async throws -> Void] = [
            { _ = try await client.get("/healthz") }, { _ = try await client.get(Self.path) },
        ]
        var loads = [Load(), Load(items: items)]
        if let raw {
            contestants.append { try await raw.engine.listContainersUnread() }
            loads.append(Load(items: try await raw.engine.containers().count))
        }
        loads = try await LoadTurns(contestants: contestants).measure(into: loads)
        self.init(healthz: loads[0], runs: loads[1], raw: loads.count > 2 ? loads[2] : nil)
    }
}
