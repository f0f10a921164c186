package import DockerEngine
import SQL

extension Store {
    /// Stores the hosts that the server was started with; hosts of earlier starts stay, because runs refer to them.
    ///
    /// A host from the API becomes one of a flag.
    package func keepHosts(_ hosts: [(name: HostName, address: EngineAddress)], at now: Timestamp) async throws {
        try await database.writeEvenIfFull { connection in
            for host in hosts {
                let endpoint = SQLValue.text(host.address)
                let isKnown = try connection.has(
                    "SELECT 1 FROM hosts WHERE name = ? AND endpoint = ? AND source = ?",
                    [.text(host.name), endpoint, .text(Host.Source.flag.rawValue)]
                )
                // Skips unchanged hosts, so that such a start writes nothing: the disk may be full.
                guard !isKnown else { continue }
                try connection.keep(host.name, [("endpoint", endpoint), ("source", .flag)], at: now)
            }
        }
    }

    /// The hosts that were added by the API, by name.
    package func hostsOfAPI() async throws -> [Host] {
        try await database.read { connection in
            try connection.rows(
                "SELECT \(SQLTable.hosts.selection) FROM hosts WHERE source = ? ORDER BY name",
                [.text(Host.Source.api.rawValue)]
            ).map(host(from:))
        }
    }

    /// The names of all hosts, also of those from earlier flags; the API has removed the others.
    func hostNames() async throws -> Set<HostName> { try await hostNames("SELECT name FROM hosts") }

    /// The names of all drained hosts.
    func drainedHosts() async throws -> Set<HostName> {
        try await hostNames("SELECT name FROM hosts WHERE is_drained = 1")
    }

    private func hostNames(_ query: String) async throws -> Set<HostName> {
        Set(try await database.read { try $0.texts(query) }.map { name in try HostName(name) })
    }

    /// Stores a host that the API adds, in place of one that an earlier flag has left.
    func addHost(_ host: Host, by caller: Caller, at now: Timestamp) async throws {
        try await database.write { connection in
            try connection.run("DELETE FROM hosts WHERE name = ?", [.text(host.name)])
            try connection.insert(
                into: .hosts,
                [
                    ("name", .text(host.name)), ("endpoint", .text(host.address)),
                    ("source", .text(host.source.rawValue)), ("is_drained", .integer(host.isDrained ? 1 : 0)),
                    ("operation", .text(caller.operation?.id)), ("created_at", .time(now)), ("updated_at", .time(now)),
                ]
            )
        }
    }

    /// Whether an earlier attempt of the caller's request has added the host.
    func hasAdded(_ host: HostName, by caller: Caller) async throws -> Bool {
        guard let operation = caller.operation, operation.isRepeated else { return false }
        return try await database.read { connection in
            try connection.has(
                "SELECT 1 FROM hosts WHERE name = ? AND operation = ?",
                [.text(host), .text(operation.id)]
            )
        }
    }

    /// Stores the endpoint of a host, and whether it is drained.
    func update(_ host: Host, at now: Timestamp) async throws {
        try await database.write { connection in
            let changes: [(String, SQLValue)] = [
                ("endpoint", .text(host.address)), ("source", .text(host.source.rawValue)),
                ("is_drained", .integer(host.isDrained ? 1 : 0)),
            ]
            try connection.keep(host.name, changes, at: now)
        }
    }

    func deleteHost(_ name: HostName) async throws {
        try await database.writeEvenIfFull { connection in
            try connection.run("DELETE FROM hosts WHERE name = ?", [.text(name)])
        }
    }
}

extension SQLConnection {
    /// Changes the row of a host, or inserts it: a start on a full disk may not have stored it.
    fileprivate func keep(_ host: HostName, _ changes: [(String, SQLValue)], at now: Timestamp) throws {
        let changes = changes + [("updated_at", .time(now))]
        guard try update(.hosts, changes, where: "name = ?", [.text(host)]) == 0 else { return }
        try insert(into: .hosts, [("name", .text(host)), ("created_at", .time(now))] + changes)
    }
}

extension SQLValue {
    fileprivate static let flag = SQLValue.text(Host.Source.flag.rawValue)
}

private func host(from row: SQLRow) throws -> Host {
    guard let source = Host.Source(rawValue: try row.text("source")) else {
        throw SQLError.damaged("a host has an unknown source")
    }
    let address: EngineAddress
    do {
        address = try EngineAddress(row.text("endpoint"))
    } catch let error as InvalidEngineAddress {
        throw SQLError.damaged("a host has an invalid endpoint: \(error.message)")
    }
    return Host(
        name: try HostName(row.text("name")),
        address: address,
        source: source,
        isDrained: try row.integer("is_drained") == 1
    )
}
