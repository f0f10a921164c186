/// A database that runs the SQL which is common to all supported databases.
///
/// All SQL is written once, for every implementation of this protocol.
package protocol SQLDatabase: Sendable {
    /// The options at the end of a CREATE TABLE.
    var tableOptions: String { get }
    /// Whether a rollback also undoes changes of the schema.
    var undoesSchemaChanges: Bool { get }

    /// Runs `body` in one transaction that sees one state of the database and changes nothing.
    ///
    /// Otherwise like ``write(within:_:)``.
    func read<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result

    /// Runs `body` in one transaction, which is on disk when this returns and is rolled back when `body` throws.
    ///
    /// `body` may run more than once, each time in a new transaction, of which at most one is committed. It must
    /// therefore do nothing but use its connection.
    ///
    /// - Parameter limit: from the call to the result; a file on a disk may take longer, a server may not.
    /// - Throws: ``SQLError``, or what `body` throws; `CancellationError` if the task was cancelled before the
    ///   transaction began. After ``SQLError/unavailable(_:)`` a change may have been committed, and the text says so.
    @discardableResult
    func write<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result

    /// Like ``write(within:_:)``, but may use the room that is reserved for a full disk.
    ///
    /// For changes that free room, and for the few that a server needs in order to start.
    @discardableResult
    func writeEvenIfFull<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result
}

package enum SQLLimits {
    /// A limit that lets a request be answered within two seconds, even if the database fails.
    package static let request: Duration = .milliseconds(1600)
    /// The limit of a transaction that states none; a task for which no request waits may set a longer one.
    @TaskLocal package static var usual = request
}

extension SQLDatabase {
    package func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await read(within: SQLLimits.usual, body)
    }

    @discardableResult
    package func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await write(within: SQLLimits.usual, body)
    }

    /// For a server that has its own disk, with nothing reserved there.
    @discardableResult
    package func writeEvenIfFull<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await write(within: limit, body)
    }
}
