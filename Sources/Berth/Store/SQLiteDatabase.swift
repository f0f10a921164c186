import GRDB
import Glibc

/// SQLite through GRDB: a file with a write-ahead log, or memory.
struct SQLiteDatabase: SQLDatabase {
    let tableOptions = ""
    let undoesSchemaChanges = true
    private let writer: any DatabaseWriter
    /// Keeps other servers off the file.
    private let lock: FileLock?

    /// Opens the file at `path`, or makes it, readable for its owner alone.
    ///
    /// - Throws: ``StoreRefusal`` when it is no database, cannot be opened, or is another server's.
    init(path: String) throws(StoreRefusal) {
        lock = try FileLock(path: path + ".lock", guarding: path)
        do {
            writer = try Self.pool(path: path)
        } catch {
            throw .unreadable(error.logText)
        }
    }

    private static func pool(path: String) throws(StoreError) -> DatabasePool {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0, fchmod(file, 0o600) == 0 else {
            throw .unavailable("\(path): \(String(cString: strerror(errno)))")
        }
        close(file)
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            // Durable when a transaction ends, also when the power fails. Said here because GRDB, turning the log on,
            // turns this down to NORMAL on the one connection that writes.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            return pool
        } catch {
            throw storeError(from: error)
        }
    }

    /// A database that is gone with this value.
    init() throws(StoreError) {
        do {
            writer = try DatabaseQueue(configuration: Self.configuration)
            lock = nil
        } catch {
            throw storeError(from: error)
        }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        // Within the two seconds in which a request is answered.
        configuration.busyMode = .timeout(1.5)
        configuration.foreignKeysEnabled = true
        return configuration
    }

    func read<Result: Sendable>(
        within _: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        do {
            return try await writer.read { try body(SQLiteConnection(database: $0)) }
        } catch let error as DatabaseError {
            throw storeError(from: error)
        }
    }

    @discardableResult
    func write<Result: Sendable>(
        within _: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        do {
            return try await writer.write { try body(SQLiteConnection(database: $0)) }
        } catch let error as DatabaseError {
            throw storeError(from: error)
        }
    }
}

private struct SQLiteConnection: SQLConnection {
    let database: Database

    func rows(_ sql: String, _ arguments: [SQLValue]) throws(StoreError) -> [SQLRow] {
        do {
            let statement = try database.cachedStatement(sql: sql)
            return try Row.fetchAll(statement, arguments: StatementArguments(arguments.map(databaseValue)))
                .map { row in SQLRow(values: try row.databaseValues.map(sqlValue)) }
        } catch {
            throw storeError(from: error)
        }
    }

    func run(_ sql: String, _ arguments: [SQLValue]) throws(StoreError) -> Int {
        do {
            let statement = try database.cachedStatement(sql: sql)
            try statement.execute(arguments: StatementArguments(arguments.map(databaseValue)))
            return database.changesCount
        } catch {
            throw storeError(from: error)
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

private func sqlValue(_ value: DatabaseValue) throws(StoreError) -> SQLValue {
    switch value.storage {
    case .null: .null
    case .int64(let number): .integer(number)
    case .string(let text): .text(text)
    case .double, .blob: throw .damaged("a column holds neither a whole number nor text")
    }
}

private func storeError(from error: any Error) -> StoreError {
    switch error {
    case let error as StoreError: return error
    case let error as DatabaseError:
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY: return .uniqueViolation
        case .SQLITE_CONSTRAINT_FOREIGNKEY: return .foreignKeyViolation
        case .SQLITE_CONSTRAINT_CHECK, .SQLITE_CONSTRAINT_NOTNULL: return .checkViolation
        default: break
        }
        return error.resultCode == .SQLITE_FULL
            ? .full : .unavailable("SQLite: \(error.message ?? "\(error.resultCode)")")
    default: return .unavailable("SQLite: \(error)")
    }
}
