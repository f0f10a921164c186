import GRDB
import GRDBSQLite
import Glibc

/// SQLite through GRDB: a file with a write-ahead log, or memory.
package struct SQLiteDatabase: SQLDatabase {
    package let tableOptions = ""
    package let undoesSchemaChanges = true
    private let writer: any DatabaseWriter
    /// Keeps other servers off the file.
    private let lock: FileLock?
    /// Nil in memory.
    private let reserve: SQLiteReserve?

    /// Opens the file at `path`, or makes it, readable for its owner alone.
    ///
    /// - Throws: ``OpeningError`` when it is no database, cannot be opened, or is another server's.
    package init(path: String) throws(OpeningError) {
        if let obstacle = FilePlace(path).obstacle { throw .unreadable(obstacle) }
        lock = try FileLock(path: path + ".lock", guarding: path)
        let reserve = SQLiteReserve(path: path + ".reserve")
        do {
            writer = try Self.pool(path: path, reserve)
        } catch {
            throw .unreadable("\(path): \(error)")
        }
        reserve.take()
        self.reserve = reserve
    }

    /// What is wrong with it, and does not keep Berth from using it.
    package var warnings: [String] {
        guard let reserve, !reserve.isWhole else { return [] }
        return ["The disk of the database has no \(SQLiteReserve.size >> 20) MiB left to put aside; make room there."]
    }

    /// Opening makes the files of the log, which a full disk may not have room for.
    private static func pool(path: String, _ reserve: SQLiteReserve) throws(SQLError) -> DatabasePool {
        do {
            return try pool(path: path)
        } catch {
            guard reserve.giveUp() else { throw error }
            return try pool(path: path)
        }
    }

    private static func pool(path: String) throws(SQLError) -> DatabasePool {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0, fchmod(file, 0o600) == 0 else {
            throw .unavailable(String(cString: strerror(errno)))
        }
        close(file)
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            // Durable when a transaction ends, also when the power fails. Said here because GRDB, turning the log on,
            // turns this down to NORMAL on the one connection that writes.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            return pool
        } catch {
            throw SQLError(sqlite: error)
        }
    }

    /// A database that is gone with this value.
    package init() throws(SQLError) {
        do {
            writer = try DatabaseQueue(configuration: Self.configuration)
            lock = nil
            reserve = nil
        } catch {
            throw SQLError(sqlite: error)
        }
    }

    /// On a connection that was opened elsewhere, and without a lock.
    init(on writer: some DatabaseWriter) {
        self.writer = writer
        lock = nil
        reserve = nil
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        // Within the two seconds in which a request is answered; writes say themselves how long.
        configuration.busyMode = .timeout(1.5)
        configuration.foreignKeysEnabled = true
        return configuration
    }

    package func read<Result: Sendable>(
        within _: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        do {
            return try await writer.read { try body(SQLiteConnection(database: $0)) }
        } catch let error as DatabaseError {
            throw SQLError(sqlite: error)
        }
    }

    @discardableResult
    package func write<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await takingTurn(within: limit) { database in
            let result = try Self.transaction(on: database, body)
            reserve?.takeIfDue()
            return result
        }
    }

    @discardableResult
    package func writeEvenIfFull<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await takingTurn(within: limit) { database in
            do {
                return try Self.transaction(on: database, body)
            } catch SQLError.full where reserve?.giveUp() == true {
                defer { restoreReserve(database) }
                return try Self.transaction(on: database, body)
            }
        }
    }

    /// Brings the log into the database, so that its room comes back, and takes that up before others do.
    private func restoreReserve(_ database: GRDB.Database) {
        // Where somebody reads just now, the next one does it.
        _ = try? database.checkpoint(.truncate)
        reserve?.take()
    }

    /// Runs `body` when those who asked earlier are done.
    ///
    /// - Parameter limit: for its turn and for the locks of other processes; they all wait at the same time.
    private func takingTurn<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (GRDB.Database) throws -> Result
    ) async throws -> Result {
        let deadline = ContinuousClock.now + limit
        return try await writer.writeWithoutTransaction { database in
            let left = Int32(clamping: Int64((deadline - .now) / .milliseconds(1)))
            guard left > 0 else { throw SQLError.unavailable("SQLite: too many wait for a database that is locked") }
            sqlite3_busy_timeout(database.sqliteConnection, left)
            return try body(database)
        }
    }

    private static func transaction<Result>(
        on database: GRDB.Database,
        _ body: (any SQLConnection) throws -> Result
    ) throws -> Result {
        do {
            var results: [Result] = []
            try database.inTransaction {
                results.append(try body(SQLiteConnection(database: database)))
                return .commit
            }
            return results[0]
        } catch let error as DatabaseError {
            throw SQLError(sqlite: error, on: database)
        }
    }
}

private struct SQLiteConnection: SQLConnection {
    let database: Database

    func rows(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> [SQLRow] {
        do {
            let statement = try database.cachedStatement(sql: sql)
            let columns = SQLColumns(statement.columnNames)
            return try Row.fetchAll(statement, arguments: StatementArguments(arguments.map(databaseValue)))
                .map { row in SQLRow(columns, try row.databaseValues.map(sqlValue)) }
        } catch {
            throw SQLError(sqlite: error, on: database)
        }
    }

    func run(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> Int {
        do {
            let statement = try database.cachedStatement(sql: sql)
            try statement.execute(arguments: StatementArguments(arguments.map(databaseValue)))
            return database.changesCount
        } catch {
            throw SQLError(sqlite: error, on: database)
        }
    }
}

private func databaseValue(_ value: SQLValue) -> DatabaseValue {
    switch value {
    case .null: .null
    case .integer(let number): number.databaseValue
    case .text(let text): text.databaseValue
    }
}

private func sqlValue(_ value: DatabaseValue) throws(SQLError) -> SQLValue {
    switch value.storage {
    case .null: .null
    case .int64(let number): .integer(number)
    case .string(let text): .text(text)
    case .double, .blob: throw .damaged("a column holds neither a whole number nor text")
    }
}
