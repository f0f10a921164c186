/// A database that speaks the SQL that is written for all of them.
///
/// All SQL is written once, for every database behind this.
package protocol SQLDatabase: Sendable {
    /// What belongs at the end of a CREATE TABLE.
    var tableOptions: String { get }
    /// Whether a transaction that is undone takes back its changes of the schema as well.
    var undoesSchemaChanges: Bool { get }

    /// Runs `body` in one transaction that sees one state of the database and changes nothing.
    ///
    /// As ``write(within:_:)`` otherwise.
    func read<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result

    /// Runs `body` in one transaction, which is kept on disk when this returns and undone when `body` throws.
    ///
    /// May run `body` more than once, each time in a new transaction, of which one at most is kept. So it does nothing
    /// but use its connection.
    ///
    /// - Parameter limit: from the call to the answer; a file on a disk may take longer, a server may not.
    /// - Throws: ``SQLError``, or what `body` throws; `CancellationError` where the task was cancelled before the
    ///   transaction began. After ``SQLError/unavailable(_:)`` a change may have been kept, and the text says so.
    @discardableResult
    func write<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result

    /// As ``write(within:_:)``, and has what room was put aside for a full disk.
    ///
    /// For what makes room, and for the little without which there is no start.
    @discardableResult
    func writeEvenIfFull<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result
}

package enum SQLLimits {
    /// So that a request is answered within two seconds, whatever became of the database.
    package static let usual: Duration = .milliseconds(1600)
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

    @discardableResult
    package func writeEvenIfFull<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await writeEvenIfFull(within: SQLLimits.usual, body)
    }

    /// Of a server that has its own disk, and nothing put aside there.
    @discardableResult
    package func writeEvenIfFull<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await write(within: limit, body)
    }
}
