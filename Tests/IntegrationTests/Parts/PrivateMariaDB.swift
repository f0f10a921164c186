import FoundationEssentials
import Glibc
import Logging
import TestSupport

@testable import Berth
@testable import SQL

/// A private MariaDB server with one empty database, which a test can kill and stop.
struct PrivateMariaDB: Sendable {
    let directory: String
    let port: String
    /// The address of its socket.
    let host: String

    static let database = "berth_test"

    var socket: String { directory + "/mariadbd.sock" }
    var authorities: String { directory + "/ca.pem" }
    var processID: pid_t { PrivateEngine.processID(in: directory + "/mariadbd.pid") }

    /// Starts one, calls `body`, and removes it in any state.
    ///
    /// Transactions in `body` have time for a busy machine.
    ///
    /// - Parameter options: of mariadbd.
    static func with<Result>(
        host: String = "127.0.0.1",
        options: [String] = [],
        _ body: (PrivateMariaDB) async throws -> Result
    ) async throws -> Result {
        let directory = "/tmp/bm-" + String(UInt32.random(in: .min ... .max), radix: 36)
        do {
            let address = try await runScript(
                "mariadb",
                // Without fsync, which only a crash of the machine would need.
                arguments: ["up", directory, "--bind-address=\(host)", "--debug-no-sync"] + options
            )
            let port = address.split(separator: ":").last.map(String.init) ?? ""
            let server = PrivateMariaDB(directory: directory, port: port, host: host)
            try await server.execute("CREATE DATABASE \(database)")
            let result = try await SQLLimits.$usual.withValue(.timeout) { try await body(server) }
            try await runScript("mariadb", "down", directory)
            return result
        } catch {
            _ = try? await runScript("mariadb", "down", directory)
            throw error
        }
    }

    func url(
        _ parameters: String = "",
        database: String = database,
        user: String = "berth:p%40ss%2Fw%C3%B6rd%3A%25",
        host: String? = nil
    ) throws -> DatabaseURL {
        try DatabaseURL("mysql://\(user)@\(host ?? self.host):\(port)/\(database)\(parameters)")
    }

    /// The URL of its database, in Berth's form.
    var address: String { "mysql://berth:p%40ss%2Fw%C3%B6rd%3A%25@\(host):\(port)/\(Self.database)" }

    func open(_ parameters: String = "") async throws -> Store { try await Store.on(url(parameters)) }

    func restart() async throws { try await runScript("mariadb", "restart", directory) }

    func stop() async throws { try await runScript("mariadb", "stop", directory) }

    func send(_ signal: Int32) { kill(processID, signal) }

    /// Executes `sql` as the server's root, and returns the answer's rows, with columns separated by tabs.
    @discardableResult
    func execute(_ sql: String) async throws -> [String] {
        try await executeSQL(sql, socket: socket)
    }

    /// The ids of Berth's connections.
    func connections() async throws -> [String] {
        try await execute("SELECT id FROM information_schema.processlist WHERE user = 'berth'")
    }

    /// Ends all of Berth's connections at once.
    func killConnections() async throws { try await execute("KILL CONNECTION USER berth") }
}

extension Store {
    static func on(_ url: DatabaseURL) async throws -> Store { try await open(url, logger: Logger(label: "test")) }
}
