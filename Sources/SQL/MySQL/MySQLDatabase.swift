/// MySQL or MariaDB, through libmariadb.
///
/// One transaction writes at a time, as in SQLite; several read beside it.
package struct MySQLDatabase: SQLDatabase {
    /// Eight sessions together with the writer, as docs/operations.md says.
    private static let readingThreads = 7
    /// For the first connection, which has time to find out what is wrong.
    private static let timeToOpen: Duration = .seconds(15)

    private let writer: MySQLPool
    private let readers: MySQLPool
    package let tableOptions: String
    /// CREATE, ALTER and DROP commit the current transaction and cannot be undone.
    package let undoesSchemaChanges = false
    /// Facts that the operator should know, for the log.
    package let warnings: [String]

    /// Connects, checks the server, and takes the lock that keeps other Berth servers out.
    ///
    /// - Throws: ``OpeningError``.
    package init(_ address: MySQLAddress) async throws(OpeningError) {
        let lock = MySQLLock(database: address.database)
        writer = MySQLPool(.writing, to: address, lock: lock, threads: 1)
        readers = MySQLPool(.reading, to: address, lock: lock, threads: Self.readingThreads)
        let facts: MySQLServerFacts
        do {
            facts = try await writer.run(within: Self.timeToOpen) { try MySQLServerFacts(of: $0) }
            // Checks at once, rather than after a long wait, whether this user may have a second session.
            _ = try await readers.run(within: Self.timeToOpen) { try $0.rows("SELECT 1", []) }
        } catch {
            throw OpeningError(error, opening: address)
        }
        if let fault = facts.fault { throw .unreadable("\(address) \(fault)") }
        tableOptions = facts.tableOptions
        warnings = facts.warnings
    }

    package func read<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await run(on: readers, within: limit, body)
    }

    @discardableResult
    package func write<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await run(on: writer, within: limit, body)
    }

    private func run<Result: Sendable>(
        on pool: MySQLPool,
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        do {
            return try await pool.run(within: limit) { try body($0) }
        } catch let failure as MySQLFailure {
            throw failure.storeError
        }
    }
}
