package import DockerEngine

extension Store {
    /// Keeps the hosts that the server was started with; those of earlier starts stay, for their runs' sake.
    package func keepHosts(_ hosts: [(name: HostName, address: EngineAddress)], at now: Timestamp) async throws {
        try await database.writeEvenIfFull { connection in
            for host in hosts {
                let endpoint = SQLValue.text(host.address)
                let known = try connection.rows(
                    "SELECT name FROM hosts WHERE name = ? AND endpoint = ?",
                    [.text(host.name), endpoint]
                )
                // A start that changes nothing writes nothing: there may be no room for it.
                guard known.isEmpty else { continue }
                let changed = try connection.run(
                    "UPDATE hosts SET endpoint = ?, updated_at = ? WHERE name = ?",
                    [endpoint, .time(now), .text(host.name)]
                )
                guard changed == 0 else { continue }
                try connection.run(
                    "INSERT INTO hosts (name, endpoint, created_at, updated_at) VALUES (?, ?, ?, ?)",
                    [.text(host.name), endpoint, .time(now), .time(now)]
                )
            }
        }
    }
}
