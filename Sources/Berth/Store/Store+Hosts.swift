package import DockerEngine
import SQL

extension Store {
    /// Stores the hosts that the server was started with; hosts of earlier starts stay, because runs refer to them.
    package func keepHosts(_ hosts: [(name: HostName, address: EngineAddress)], at now: Timestamp) async throws {
        try await database.writeEvenIfFull { connection in
            for host in hosts {
                let endpoint = SQLValue.text(host.address)
                let isKnown = try connection.has(
                    "SELECT 1 FROM hosts WHERE name = ? AND endpoint = ?",
                    [.text(host.name), endpoint]
                )
                // Skips unchanged hosts, so that such a start writes nothing: the disk may be full.
                guard !isKnown else { continue }
                let changes: [(String, SQLValue)] = [("endpoint", endpoint), ("updated_at", .time(now))]
                guard try connection.update(.hosts, changes, where: "name = ?", [.text(host.name)]) == 0 else {
                    continue
                }
                let key: [(String, SQLValue)] = [("name", .text(host.name)), ("created_at", .time(now))]
                try connection.insert(into: .hosts, key + changes)
            }
        }
    }
}
