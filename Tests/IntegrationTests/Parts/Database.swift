import FoundationEssentials
import TestSupport
import Testing

@testable import Berth
@testable import SQL

/// The database of a server under test.
enum Database: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case sqlite
    case mariaDB

    var testDescription: String { rawValue }

    /// Calls `body` with the URL of an empty database, nil for the one in the state directory; it is deleted
    /// afterwards.
    func with<Result>(_ body: (String?) async throws -> Result) async throws -> Result {
        guard self == .mariaDB else { return try await body(nil) }
        return try await LabMariaDB.with { try await body($0.address) }
    }
}

/// An empty database on the lab's MariaDB server, which other tests use at the same time.
struct LabMariaDB: Sendable {
    let name: String
    /// Its URL, in Berth's form.
    let address: String
    /// The path of the server's socket.
    let socket: String

    /// Creates one, calls `body`, and deletes it.
    ///
    /// Transactions in `body` have time for a busy machine.
    static func with<Result>(_ body: (LabMariaDB) async throws -> Result) async throws -> Result {
        let environment = ProcessInfo.processInfo.environment
        guard let url = environment["LAB_MARIADB_URL"], let socket = environment["LAB_MARIADB_SOCKET"] else {
            throw LabError("LAB_MARIADB_URL is not set: run make test")
        }
        let name = "berth_" + String(UInt32.random(in: .min ... .max), radix: 36)
        let database = LabMariaDB(name: name, address: url + name, socket: socket)
        try await database.execute("CREATE DATABASE \(name)", in: "mysql")
        let result = await Swift.Result(catching: {
            try await SQLLimits.$usual.withValue(.timeout) { try await body(database) }
        })
        try await database.execute("DROP DATABASE \(name)")
        return try result.get()
    }

    /// The URL with these parameters, such as `?tls=off`, and another user and password if `user` is given.
    func url(_ parameters: String = "", user: String? = nil) throws -> DatabaseURL {
        guard let user, let end = address.lastIndex(of: "@") else { return try DatabaseURL(address + parameters) }
        return try DatabaseURL("mysql://" + user + address[end...] + parameters)
    }

    func open() async throws -> Store { try await Store.on(url()) }

    /// Executes `sql` as the server's root, and returns the answer's rows, with columns separated by tabs.
    @discardableResult
    func execute(_ sql: String, in database: String? = nil) async throws -> [String] {
        try await executeSQL(sql, socket: socket, database: database ?? name)
    }

    /// The ids of Berth's connections to this database.
    func connections() async throws -> [String] {
        try await execute("SELECT id FROM information_schema.processlist WHERE user = 'berth' AND db = '\(name)'")
    }
}

/// Executes `sql` as root of the MariaDB server at `socket`.
func executeSQL(_ sql: String, socket: String, database: String? = nil) async throws -> [String] {
    try await runTool(
        "mariadb",
        arguments: ["--no-defaults", "--socket=\(socket)", "--user=root", "--batch", "--skip-column-names"]
            + ["--execute=\(sql)"] + (database.map { [$0] } ?? [])
    ).split(separator: "\n").map(String.init)
}
