/// Why the database did not do what it was told.
package enum SQLError: Error, Sendable, Equatable {
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

extension SQLError {
    /// Whether the same change would be refused again, however often it is tried.
    package var isLasting: Bool {
        switch self {
        case .uniqueViolation, .foreignKeyViolation, .checkViolation: true
        case .schemaConflict, .full, .unavailable, .damaged: false
        }
    }

}

extension SQLError: CustomStringConvertible {
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
