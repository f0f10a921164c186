/// A database that speaks the SQL of this folder.
///
/// All SQL is written once, for every database behind this.
protocol SQLDatabase: Sendable {
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
    /// - Throws: ``StoreError``, or what `body` throws; `CancellationError` where the task was cancelled before the
    ///   transaction began. After ``StoreError/unavailable(_:)`` a change may have been kept, and the text says so.
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

enum SQLLimits {
    /// So that a request is answered within two seconds, whatever became of the database.
    static let usual: Duration = .milliseconds(1600)
}

extension SQLDatabase {
    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await read(within: SQLLimits.usual, body)
    }

    @discardableResult
    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await write(within: SQLLimits.usual, body)
    }

    @discardableResult
    func writeEvenIfFull<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await writeEvenIfFull(within: SQLLimits.usual, body)
    }

    /// Of a server that has its own disk, and nothing put aside there.
    @discardableResult
    func writeEvenIfFull<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await write(within: limit, body)
    }
}

/// One connection, within a transaction.
protocol SQLConnection {
    /// The rows that `sql` selects; `?` stands for each of `arguments` in turn.
    func rows(_ sql: String, _ arguments: [SQLValue]) throws(StoreError) -> [SQLRow]

    /// Runs `sql` and says how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ arguments: [SQLValue]) throws(StoreError) -> Int
}

enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case text(String)

    static func integer(_ number: Int) -> SQLValue { .integer(Int64(number)) }
    static func time(_ time: Timestamp) -> SQLValue { .integer(time.milliseconds) }
    static func text(_ value: (some CustomStringConvertible)?) -> SQLValue {
        value.map { .text($0.description) } ?? .null
    }
    static func integer(_ number: Int?) -> SQLValue { number.map { .integer(Int64($0)) } ?? .null }
    static func time(_ time: Timestamp?) -> SQLValue { time.map { .integer($0.milliseconds) } ?? .null }
}

/// One row, its columns in the order in which they were selected.
struct SQLRow: Sendable {
    let values: [SQLValue]

    func text(_ column: Int) throws(StoreError) -> String {
        guard let text = try optionalText(column) else { throw .damaged("column \(column) is null") }
        return text
    }

    func optionalText(_ column: Int) throws(StoreError) -> String? {
        switch values[column] {
        case .text(let text): text
        case .null: nil
        case .integer: throw .damaged("column \(column) holds a number")
        }
    }

    func integer(_ column: Int) throws(StoreError) -> Int {
        guard let number = try optionalInteger(column) else { throw .damaged("column \(column) is null") }
        return number
    }

    func optionalInteger(_ column: Int) throws(StoreError) -> Int? {
        switch values[column] {
        case .integer(let number): Int(number)
        case .null: nil
        case .text: throw .damaged("column \(column) holds text")
        }
    }

    func time(_ column: Int) throws(StoreError) -> Timestamp { Timestamp(milliseconds: Int64(try integer(column))) }

    func optionalTime(_ column: Int) throws(StoreError) -> Timestamp? {
        try optionalInteger(column).map { Timestamp(milliseconds: Int64($0)) }
    }
}

/// Why the database did not do what it was told.
package enum StoreError: Error, Sendable, Equatable {
    /// A row with this key is there already.
    case uniqueViolation
    /// A row that this one needs is not there (any more), or still needed by another.
    case foreignKeyViolation
    /// A value that the schema does not allow, which the model should not have let through.
    case checkViolation
    /// A table, column or index is there that should not be, or is not; the text is for the log.
    case schemaConflict(String)
    /// No room for it on the disk.
    case full
    /// It cannot be reached, read or written; the text is for the log.
    case unavailable(String)
    /// It holds what Berth never writes; the text is for the log.
    case damaged(String)
}

extension StoreError {
    /// Whether the same change would be refused again, however often it is tried.
    var isLasting: Bool {
        switch self {
        case .uniqueViolation, .foreignKeyViolation, .checkViolation: true
        case .schemaConflict, .full, .unavailable, .damaged: false
        }
    }

}

extension StoreError: CustomStringConvertible {
    /// All that is known, for the log and for whoever starts the server.
    package var description: String {
        switch self {
        case .unavailable(let text), .damaged(let text), .schemaConflict(let text): text
        case .uniqueViolation: "a row with this key is there already"
        case .foreignKeyViolation: "a row that this one needs is not there, or this one is needed by another"
        case .checkViolation: "the schema does not allow this value"
        case .full: "no room is left on the disk"
        }
    }
}
