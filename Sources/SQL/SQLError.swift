/// Why a database operation failed.
package enum SQLError: Error, Sendable, Equatable {
    /// A row with this key exists already.
    case uniqueViolation
    /// A row that this one refers to does not exist (any more), or other rows still refer to this one.
    case foreignKeyViolation
    /// The schema rejects a value, which the model should have rejected.
    case checkViolation
    /// A table, column or index exists that should not, or the reverse; the text is for the log.
    case schemaConflict(String)
    /// The disk is full.
    case full
    /// The database cannot be reached, read or written; the text is for the log.
    case unavailable(String)
    /// The database holds something that Berth never writes; the text is for the log.
    case damaged(String)
}

extension SQLError {
    /// Whether every retry of the same change would fail again.
    package var isLasting: Bool {
        switch self {
        case .uniqueViolation, .foreignKeyViolation, .checkViolation: true
        case .schemaConflict, .full, .unavailable, .damaged: false
        }
    }

}

extension SQLError: CustomStringConvertible {
    /// All known facts, for the log and for the operator.
    package var description: String {
        switch self {
        case .unavailable(let text), .damaged(let text), .schemaConflict(let text): text
        case .uniqueViolation: "a row with this key already exists"
        case .foreignKeyViolation: "the row refers to a row that does not exist, or another row refers to it"
        case .checkViolation: "the schema does not allow this value"
        case .full: "the disk is full"
        }
    }
}
