import SQL

/// Why a database was not backed up, restored or moved, as a line for the operator.
struct MaintenanceError: Error, Sendable, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// Explains `error`; `what` is the failed operation and begins the sentence.
    init(_ what: String, _ error: any Error) {
        let reason =
            switch error {
            case SQLError.checkViolation: "a value is invalid"
            case SQLError.uniqueViolation: "a row that must be unique exists twice"
            case SQLError.foreignKeyViolation: "a row refers to a row that does not exist"
            default: "\(error)"
            }
        self.init("\(what): \(reason)")
    }
}
