import FoundationEssentials
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Berth
@testable import SQL

/// Opening and closing a database on a server: refusals, TLS, the lock, interrupted migrations.
@Suite(.serialized) struct MySQLOpeningTests {
    private func refusal(_ url: DatabaseURL) async -> String {
        do {
            _ = try await Store.on(url)
            return "it was opened"
        } catch {
            return "\(error)"
        }
    }

    @Test func `A failed opening gives the reason and advice, without the password`() async throws {
        try await PrivateMariaDB.with(options: ["--max-allowed-packet=4M", "--innodb-flush-log-at-trx-commit=2"]) {
            server in
            try await server.execute("CREATE USER poor@'%' IDENTIFIED BY 'x'; CREATE DATABASE other")
            let cases: [(DatabaseURL, String)] = [
                (try server.url(user: "berth:s3cret"), "Check user and password"),
                (try server.url(user: "nobody:s3cret"), "Check user and password"),
                (try server.url(user: "poor:x"), "may not use this database"),
                (try server.url(database: "berth_none"), "CREATE DATABASE `berth_none`"),
                (try server.url(host: "no-such-host.invalid"), "host name cannot be resolved"),
                (try DatabaseURL("mysql://u:s3cret@127.0.0.1:1/berth"), "no server responds at this address"),
                (
                    try DatabaseURL("mysql://u:s3cret@h/berth?socket=/run/none.sock"),
                    "no server responds at this address"
                ),
                (try DatabaseURL("mysql://u@127.0.0.1/berth?password_file=/none"), "cannot be read from /none"),
                (try server.url(), "max_allowed_packet"),
            ]
            for (url, words) in cases {
                let text = await refusal(url)
                #expect(text.contains(words), "\(text)")
                #expect(text.contains("mysql://"), "\(text)")
                #expect(!text.contains("s3cret"))
                #expect(!text.contains("p@ss"))
            }
            try await server.execute("SET GLOBAL max_allowed_packet = 16777216")
            let database = try await MySQLDatabase(server.url().mysqlAddress)
            #expect(database.warnings.count == 1)
            #expect(database.warnings.first?.contains("innodb_flush_log_at_trx_commit") == true)
            try await server.demote()
            for url in [try server.url(), try DatabaseURL("mysql://root@localhost/other?socket=\(server.socket)")] {
                #expect(await refusal(url).contains("is read-only: it is a replica"))
            }
        }
    }

    @Test func `TLS is as strong as requested`() async throws {
        try await PrivateMariaDB.with { server in
            let right = "&ca=\(server.authorities)"
            #expect(try await cipher(server.url("?tls=required\(right)")).isEmpty == false)
            #expect(try await cipher(server.url("?tls=required\(right)", host: "localhost")).isEmpty == false)
            #expect(try await cipher(server.url("?tls=preferred")).isEmpty == false)
            #expect(try await cipher(server.url()).isEmpty == false)
            #expect(try await cipher(server.url("?tls=off")).isEmpty)
            #expect(try await cipher(server.url("?socket=\(server.socket)")).isEmpty)
            // Signed by an authority that the system does not trust.
            #expect(await refusal(try server.url("?tls=required")).contains("the TLS connection cannot be verified"))
            try await PrivateMariaDB.with(options: ["--skip-ssl"]) { plain in
                let stranger = try server.url("?ca=\(plain.authorities)")
                #expect(await refusal(stranger).contains("TLS connection cannot be verified"))
                #expect(
                    await refusal(try plain.url("?ca=\(plain.authorities)")).contains(
                        "TLS connection cannot be verified"
                    )
                )
                #expect(try await cipher(plain.url("?tls=preferred")).isEmpty)
                #expect(try await cipher(plain.url("?tls=off")).isEmpty)
            }
            // The server's certificate is for localhost and 127.0.0.1.
            try await PrivateMariaDB.with(host: "127.0.0.2") { other in
                let misnamed = try other.url("?ca=\(other.authorities)")
                #expect(await refusal(misnamed).contains("TLS connection cannot be verified"))
                #expect(try await cipher(other.url("?tls=preferred")).isEmpty == false)
            }
        }
    }

    private func cipher(_ url: DatabaseURL) async throws -> String {
        let store = try await Store.on(url)
        return try await store.database.read { connection in
            try connection.rows("SHOW SESSION STATUS LIKE 'Ssl_cipher'", [])[0].text("Value")
        }
    }

    @Test func `Keys of all tables fit into the smallest pages that Berth accepts`() async throws {
        try await PrivateMariaDB.with(options: ["--innodb-page-size=8k"]) { server in
            #expect(try await server.execute("SELECT @@innodb_page_size") == ["8192"])
            try await server.open().check()
        }
    }

    @Test func `A database belongs to one server until that server ends`() async throws {
        try await PrivateMariaDB.with { server in
            try await withStore(server) { first in
                let url = try server.url()
                #expect(await refusal(url).contains("Another Berth server uses mysql://berth@127.0.0.1"))
                #expect(await refusal(try server.url("?socket=\(server.socket)")).contains("Another Berth server uses"))
                try await first.check()
                try await server.execute("CREATE DATABASE berth_two")
                _ = try await Store.on(server.url(database: "berth_two"))
            }
            try await server.open().check()
        }
    }

    @Test func `Few rights suffice after the first start`() async throws {
        try await PrivateMariaDB.with { server in
            try await withStore(server) { try await $0.check() }
            try await server.execute(
                """
                CREATE USER poor@'%' IDENTIFIED BY 'x';
                GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON \(PrivateMariaDB.database).* TO poor@'%'
                """
            )
            let store = try await Store.on(server.url(user: "poor:x"))
            try await store.keepHosts([], at: .now())
        }
    }

    @Test func `A server that lost its lock to another does nothing until it has the lock again`() async throws {
        try await PrivateMariaDB.with { server in
            try await withStore(server) { first in
                // Locked out for a moment, so that it is certainly slower.
                try await server.execute("ALTER USER berth ACCOUNT LOCK")
                try await server.restart()
                let lock = "'berth:\(PrivateMariaDB.database)'"
                try await server.whileSession(has: "SELECT GET_LOCK(\(lock), 0)") {
                    #expect(try await server.execute("SELECT IS_USED_LOCK(\(lock))") != ["NULL"])
                    try await server.execute("ALTER USER berth ACCOUNT UNLOCK")
                    let limit = Duration.promised(.seconds(2))
                    await expectUnavailable(within: limit) { try await first.check() }
                    await expectUnavailable(within: limit) {
                        try await first.database.write { try $0.run("DELETE FROM hosts", []) }
                    }
                    await expectUnavailable(within: limit) { try await first.check() }
                }
                try await eventually("the first has it again") { (try? await first.check()) != nil }
                try await first.keepHosts([], at: .now())
            }
        }
    }

    @Test func `A closed store leaves no connections and no threads`() async throws {
        try await PrivateMariaDB.with { server in
            try await withStore(server) { try await $0.useReaders() }
            try await eventually("connections are closed") { try await server.connections().isEmpty }
            let before = Self.threads
            for _ in 0..<50 { try await withStore(server) { try await $0.useReaders() } }
            try await eventually("threads have ended and connections are closed") {
                guard try await server.connections().isEmpty else { return false }
                return Self.threads == 0
            }
            #expect(before == 0)
        }
    }

    /// The driver's threads in this process.
    private static var threads: Int {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return tasks.filter { task in
            (try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)) == "berth-mysql\n"
        }.count
    }

    private func withStore(_ server: PrivateMariaDB, _ body: (Store) async throws -> Void) async throws {
        try await body(server.open())
    }

    @Test func `An interrupted migration continues where it stopped`() async throws {
        try await PrivateMariaDB.with { server in
            var point = 0
            var hasEnded = false
            while !hasEnded {
                try await server.execute(
                    "DROP DATABASE \(PrivateMariaDB.database); CREATE DATABASE \(PrivateMariaDB.database)"
                )
                hasEnded = try await migrate(server, dyingAt: point)
                _ = try await server.open()
                let tables = try await server.execute("SHOW TABLES FROM \(PrivateMariaDB.database)")
                #expect(
                    Set(tables).isSuperset(of: ["apps", "hosts", "instance", "releases", "runs", "schema_version"])
                )
                let steps = try await server.execute("SELECT * FROM \(PrivateMariaDB.database).schema_steps")
                #expect(steps.isEmpty)
                point += 1
            }
            #expect(point > 30)
        }
    }

    /// Whether the migration finished before that point.
    private func migrate(_ server: PrivateMariaDB, dyingAt point: Int) async throws -> Bool {
        let database = DyingDatabase(database: try await MySQLDatabase(server.url().mysqlAddress), statements: point)
        do {
            try await Migrations.all.apply(to: database)
            return true
        } catch is DyingDatabase.Death {
            return false
        }
    }

    @Test(arguments: ["apps", "schema_version", "schema_steps"])
    func `A table that is not Berth's is never changed, however often the opening is tried`(table: String) async throws
    {
        try await PrivateMariaDB.with { server in
            let name = "\(PrivateMariaDB.database).\(table)"
            try await server.execute("CREATE TABLE \(name) (other INT); INSERT INTO \(name) VALUES (7)")
            for _ in 0..<3 {
                #expect(await refusal(try server.url()).contains("a table \(table) that Berth did not create"))
                #expect(try await server.execute("SELECT other FROM \(name)") == ["7"])
            }
        }
    }
}

/// A real database whose client dies after the n-th statement: no more statements reach it, and open transactions are
/// undone.
private struct DyingDatabase: SQLDatabase {
    struct Death: Error {}

    private final class Life: Sendable {
        let left: Mutex<Int>

        init(_ statements: Int) { left = Mutex(statements) }

        func lose() throws(SQLError) {
            let isOver = left.withLock { left in
                left -= 1
                return left < 0
            }
            if isOver { throw .unavailable("dead") }
        }
    }

    private struct Connection: SQLConnection {
        let connection: any SQLConnection
        let life: Life

        func rows(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> [SQLRow] {
            try connection.rows(sql, arguments)
        }

        func run(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> Int {
            let count = try connection.run(sql, arguments)
            try life.lose()
            return count
        }
    }

    private let database: MySQLDatabase
    private let life: Life

    init(database: MySQLDatabase, statements: Int) {
        self.database = database
        life = Life(statements)
    }

    var tableOptions: String { database.tableOptions }
    var undoesSchemaChanges: Bool { database.undoesSchemaChanges }

    func read<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result { try await database.read(within: limit, body) }

    func write<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        let life = life
        do {
            let result = try await database.write(within: limit) { try body(Connection(connection: $0, life: life)) }
            // Also between two transactions.
            try life.lose()
            return result
        } catch SQLError.unavailable("dead") {
            throw Death()
        }
    }
}

extension DatabaseURL {
    var mysqlAddress: MySQLAddress {
        get throws {
            guard case .mysql(let address) = self else { throw LabError("no MySQL") }
            return address
        }
    }
}

extension Store {
    fileprivate func useReaders() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    _ = try await database.read(within: .seconds(30)) { try $0.rows("SELECT id FROM instance", []) }
                }
            }
            try await group.waitForAll()
        }
    }
}
