import FoundationEssentials
import Glibc
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
        try await LabMariaDB.with { database in
            try await withStore(database) { first in
                #expect(await refusal(try database.url()).contains("Another Berth server uses mysql://berth@127.0.0.1"))
                let local = try database.url("?socket=\(database.socket)")
                #expect(await refusal(local).contains("Another Berth server uses"))
                try await first.check()
                _ = try await LabMariaDB.with { try await $0.open() }
            }
            try await database.open().check()
        }
    }

    @Test func `Few rights suffice after the first start`() async throws {
        try await LabMariaDB.with { database in
            try await withStore(database) { try await $0.check() }
            let user = "poor_" + database.name
            try await database.execute(
                """
                CREATE USER \(user)@'%' IDENTIFIED BY 'x';
                GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON \(database.name).* TO \(user)@'%'
                """
            )
            let store = try await Store.on(database.url(user: user + ":x"))
            try await store.checkWriting()
            try await database.execute("DROP USER \(user)@'%'")
        }
    }

    @Test func `A server that lost its lock to another does nothing until it has the lock again`() async throws {
        try await PrivateMariaDB.with { server in
            let first = try await server.open()
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
            try await first.checkWriting()
        }
    }

    @Test func `A closed store leaves no connections and no threads`() async throws {
        let stores = 30
        try await LabMariaDB.with { database in
            for _ in 0..<stores { try await withStore(database) { try await $0.useReaders() } }
            try await eventually("connections are closed") { try await database.connections().isEmpty }
            // Other tests have fewer, and each store that leaves any leaves at least one.
            try await eventually("threads have ended") { Self.threads < stores }
        }
    }

    /// The driver's threads in this process.
    private static var threads: Int {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return tasks.filter { task in
            (try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)) == "berth-mysql\n"
        }.count
    }

    private func withStore(_ database: LabMariaDB, _ body: (Store) async throws -> Void) async throws {
        try await body(database.open())
    }

    /// Two clients die at each statement that changes something: one before it is committed, one afterwards.
    @Test func `A migration that is interrupted at every step continues where it stopped`() async throws {
        try await LabMariaDB.with { whole in
            try await Migrations.all.apply(to: MySQLDatabase(whole.url().mysqlAddress))
            try await LabMariaDB.with { database in
                var deaths = 0
                while try await !migrate(database, dying: deaths.isMultiple(of: 2) ? .beforeCommit : .afterCommit) {
                    deaths += 1
                    guard deaths < 1000 else { throw LabError("the migration makes no progress") }
                }
                #expect(deaths > 100)
                #expect(try await tables(of: database) == tables(of: whole))
                #expect(try await database.execute("SELECT * FROM schema_steps").isEmpty)
                try await database.open().check()
            }
        }
    }

    /// Whether the migration finished.
    private func migrate(_ database: LabMariaDB, dying death: DyingDatabase.Death) async throws -> Bool {
        let mysql = try await MySQLDatabase(database.url().mysqlAddress)
        do {
            try await Migrations.all.apply(to: DyingDatabase(database: mysql, death: death))
            return true
        } catch is DyingDatabase.Death {
            return false
        }
    }

    /// The statements that create them.
    private func tables(of database: LabMariaDB) async throws -> [String] {
        var statements: [String] = []
        for table in try await database.execute("SHOW TABLES") {
            statements += try await database.execute("SHOW CREATE TABLE \(table)")
        }
        return statements
    }

    @Test func `A table that is not Berth's is never changed, however often the opening is tried`() async throws {
        for table in ["apps", "schema_version", "schema_steps"] {
            try await LabMariaDB.with { database in
                try await database.execute("CREATE TABLE \(table) (other INT); INSERT INTO \(table) VALUES (7)")
                for _ in 0..<3 {
                    #expect(await refusal(try database.url()).contains("a table \(table) that Berth did not create"))
                    #expect(try await database.execute("SELECT other FROM \(table)") == ["7"])
                }
            }
        }
    }
}

/// A real database whose client dies at the first transaction that changes something: no more statements reach it, and
/// an open transaction is undone.
private struct DyingDatabase: SQLDatabase {
    enum Death: Error {
        /// After the transaction's first change.
        case beforeCommit
        case afterCommit
    }

    private final class Connection: SQLConnection {
        let connection: any SQLConnection
        let death: Death
        var hasChanged = false

        init(_ connection: any SQLConnection, _ death: Death) {
            self.connection = connection
            self.death = death
        }

        func rows(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> [SQLRow] {
            try connection.rows(sql, arguments)
        }

        func run(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> Int {
            let count = try connection.run(sql, arguments)
            guard !sql.contains("IF NOT EXISTS") else { return count }
            hasChanged = true
            if death == .beforeCommit { throw .unavailable("dead") }
            return count
        }
    }

    let database: MySQLDatabase
    let death: Death

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
        let death = death
        do {
            let (result, hasChanged) = try await database.write(within: limit) { connection in
                let connection = Connection(connection, death)
                return (try body(connection), connection.hasChanged)
            }
            if hasChanged { throw Death.afterCommit }
            return result
        } catch SQLError.unavailable("dead") {
            throw Death.beforeCommit
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
                    _ = try await database.read { try $0.rows("SELECT id FROM instance", []) }
                }
            }
            try await group.waitForAll()
        }
    }
}
