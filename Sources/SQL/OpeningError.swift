/// Why a database cannot be opened, as a line for the operator.
package enum OpeningError: Error, Sendable, Equatable, CustomStringConvertible {
    case newerSchema(Int, newestKnown: Int)
    case inUse(String)
    /// A table of this name exists, and Berth did not create it.
    case notOurs(String)
    case unreadable(String)
    /// The database holds records but lacks the server id, which a copy writes last.
    case unfinishedCopy

    package var description: String {
        switch self {
        case .newerSchema(let version, let known):
            "The database has schema \(version), and this version of Berth supports up to \(known). Use the version "
                + "that created it, or a newer one."
        case .inUse(let subject):
            "Another Berth server uses \(subject). Stop it first, or use a different database."
        case .notOurs(let table):
            "The database has a table \(table) that Berth did not create. Use a separate database for Berth."
        case .unreadable(let reason):
            "The database cannot be opened: \(reason)"
        case .unfinishedCopy:
            "The database contains an incomplete copy. Run berth migrate or restore again; it first empties the "
                + "database."
        }
    }
}
