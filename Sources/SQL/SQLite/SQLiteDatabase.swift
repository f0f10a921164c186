import GRDB
import GRDBSQLite
import Glibc

/// SQLite through GRDB: a file with a write-ahead log, or an in-memory database.
package struct SQLiteDatabase: SQLDatabase {
    package let tableOptions = ""
    package let undoesSchemaChanges = true
    private let writer: any DatabaseWriter
    /// Keeps other servers off the file.
    private let lock: FileLock?
    /// Nil in memory.
    private let reserve: SQLiteReserve?

    /// Opens the file at `path`, or creates it, readable for its owner alone.
    ///
    /// - Throws: ``OpeningError`` when the file is not a database, cannot be opened, or is used by another server.
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

    /// Problems that do not keep Berth from using the database.
    package var warnings: [String] {
        guard let reserve, !reserve.isWhole else { return [] }
        return [
            "The disk of the database has less than \(SQLiteReserve.size >> 20) MiB of free space for the reserve; "
                + "free some space."
        ]
    }

    /// Opens the connections.
    ///
    /// SQLite creates the files of the log here, for which a full disk may lack room.
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
            // A transaction is durable when it ends, even if the power fails. This is set here because GRDB lowers it
            // to NORMAL on the writing connection when it turns the log on.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            return pool
        } catch {
            throw SQLError(sqlite: error)
        }
    }

    /// Opens an in-memory database, which is lost with this value.
    package init() throws(SQLError) {
        do {
            writer = try DatabaseQueue(configuration: Self.configuration)
            lock = nil
            reserve = nil
        } catch {
            throw SQLError(sqlite: error)
        }
    }

    /// Wraps a connection that was opened elsewhere, without a lock.
    init(on writer: some DatabaseWriter) {
        self.writer = writer
        lock = nil
        reserve = nil
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        // Less than the two seconds within which a request is answered; writes set their own limit.
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

    /// Merges the log into the database, which frees its room, and reserves that room again before others take it.
    private func restoreReserve(_ database: GRDB.Database) {
        // If a reader prevents the checkpoint, the next call does it.
        _ = try? database.checkpoint(.truncate)
        reserve?.take()
    }

    /// Runs `body` after the callers that came earlier.
    ///
    /// - Parameter limit: covers the queue and the locks of other processes; all callers wait at the same time.
    private func takingTurn<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (GRDB.Database) throws -> Result
    ) async throws -> Result {
        let deadline = ContinuousClock.now + limit
        return try await writer.writeWithoutTransaction { database in
            let left = Int32(clamping: Int64((deadline - .now) / .milliseconds(1)))
            guard left > 0 else { throw SQLError.unavailable("SQLite: timeout while waiting for a locked database") }
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
    case .double, .blob: throw .damaged("a column contains neither an integer nor text")
    }
}
