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
            "The database has schema \(version), and this berth knows up to \(known). Start the newer berth that made it."
        case .inUse(let subject):
            "Another berth uses \(subject). Stop it first, or give this one another."
        case .notOurs(let table):
            "The database has a table \(table) that is not Berth's. Give Berth a database of its own."
        case .unreadable(let reason):
            "The database cannot be opened: \(reason)"
        case .unfinishedCopy:
            "The database holds part of a copy that did not end. Run berth migrate or restore again, which empties it first."
        }
    }
}
