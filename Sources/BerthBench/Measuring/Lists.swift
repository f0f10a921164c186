import BerthAPI
import DockerEngine

/// The rates at which the server and the engine list runs and containers.
package struct Lists: Sendable {
    package let healthz: Load
    package let runs: Load
    /// Nil if there is no connection to the engine.
    package let raw: Load?

    private static let page: KeyValuePairs = ["limit": "100"]
    static let path = Endpoint.runs.facts.target([:], page)
}

extension Lists {
    init(of client: APIClient, beside raw: RawContainers?) async throws {
        let items = try await client.call(.runs, query: Self.page).value.items.count
        var contestants: [@Sendable () async throws -> Void] = [
            { try await client.call(unread: .alive) }, { try await client.call(unread: .runs, query: Self.page) },
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
