import Dispatch

/// MySQL or MariaDB, through libmariadb.
///
/// One transaction writes at a time, as in SQLite; several read beside it.
package struct MySQLDatabase: SQLDatabase {
    /// Eight sessions together with the writer, as docs/operations.md says.
    private static let readers = 7
    /// For the first connection, which has time to find out what is wrong.
    private static let timeToOpen: Duration = .seconds(15)

    private let engine: Engine
    package let tableOptions: String
    /// CREATE, ALTER and DROP commit the current transaction and cannot be undone.
    package let undoesSchemaChanges = false
    /// Facts that the operator should know, for the log.
    package let warnings: [String]

    /// Connects, checks the server, and takes the lock that keeps other Berth servers out.
    ///
    /// - Throws: ``OpeningError``.
    package init(_ address: MySQLAddress) async throws(OpeningError) {
        let engine = Engine(address)
        let facts: MySQLServerFacts
        do {
            facts = try await engine.run(.writing, within: Self.timeToOpen) { try MySQLServerFacts(of: $0) }
            // Checks at once, rather than after a long wait, whether this user may have a second session.
            _ = try await engine.run(.reading, within: Self.timeToOpen) { try $0.rows("SELECT 1", []) }
        } catch {
            throw OpeningError(error, opening: address)
        }
        if let fault = facts.fault { throw .unreadable("\(address) \(fault)") }
        self.engine = engine
        tableOptions = facts.tableOptions
        warnings = facts.warnings
    }

    package func read<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await engine.run(.reading, within: limit, body, orThrow: \.storeError)
    }

    @discardableResult
    package func write<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await engine.run(.writing, within: limit, body, orThrow: \.storeError)
    }
}

extension MySQLDatabase {
    /// The threads that use libmariadb.
    private final class Engine: Sendable {
        /// Of its own, so that no blocked thread of another queue delays a deadline.
        private static let deadlines = DispatchQueue(label: "berth-mysql-deadlines")

        private let writer: MySQLPool
        private let readers: MySQLPool

        init(_ address: MySQLAddress) {
            let lock = MySQLLock(database: address.database)
            writer = MySQLPool(threads: 1) { MySQLConnector(address, for: .writing, lock: lock) }
            readers = MySQLPool(threads: MySQLDatabase.readers) { MySQLConnector(address, for: .reading, lock: lock) }
        }

        /// - Throws: `MySQLFailure`, ``SQLError``, `CancellationError`, or what `body` throws.
        func run<Result: Sendable>(
            _ use: MySQLSession.Use,
            within limit: Duration,
            _ body: @escaping @Sendable (MySQLSession) throws -> Result
        ) async throws -> Result {
            let job = MySQLTransaction(use, within: limit, body)
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { caller in
                    job.answer(caller)
                    // The job answers its caller by then, even if the server does not respond.
                    Self.deadlines.asyncAfter(deadline: .now() + limit.dispatched) { [weak job] in job?.expire()
                    }
                    (use == .writing ? writer : readers).submit(job)
                }
            } onCancel: {
                job.cancel()
            }
        }

        func run<Result: Sendable>(
            _ use: MySQLSession.Use,
            within limit: Duration,
            _ body: @escaping @Sendable (any SQLConnection) throws -> Result,
            orThrow translated: @Sendable (MySQLFailure) -> SQLError
        ) async throws -> Result {
            do {
                return try await run(use, within: limit) { try body($0) }
            } catch let failure as MySQLFailure {
                throw translated(failure)
            }
        }
    }
}

extension Duration {
    fileprivate var dispatched: DispatchTimeInterval { .milliseconds(Int(self / .milliseconds(1))) }
}
