import Synchronization

/// Keeps other servers off the database: a named lock of the database server, held by the one session that writes.
///
/// With the session the lock is lost, and with the lock the session; so there is no write without it.
final class MySQLLock: Sendable {
    private let name: String
    /// Locked beside it, by which this process knows a lost session of its own.
    private let ownName: String
    private let state = Mutex((isAnothers: false, isBehind: false, generation: 0))

    init(database: String) {
        var generator = SystemRandomNumberGenerator()
        name = "berth:" + database
        ownName = "berth:" + String(generator.next(), radix: 36)
    }

    static let isTakenByAnother = MySQLFailure("another berth uses this database")

    /// Whether another server had it when it was last asked for.
    var isAnothers: Bool { state.withLock { $0.isAnothers } }
    /// How often it has moved from a server that became read-only.
    var generation: Int { state.withLock { $0.generation } }

    /// The server on which it was, or was asked for, takes no changes: the next one that has it may be another.
    func leave() { state.withLock { $0.isBehind = true } }

    /// Looks, for a session that only reads, whether another server has it; nobody may for the moment.
    func check(for session: MySQLSession) throws(MySQLFailure) {
        let holders = try ask("SELECT IS_USED_LOCK(?), IS_USED_LOCK(?)", of: session)
        let isAnothers = holders[0] != .null && holders[0] != holders[1]
        state.withLock { $0.isAnothers = isAnothers }
        guard !isAnothers else { throw Self.isTakenByAnother }
        try session.commit()
    }

    /// Takes it for `session`, or from a session of this process that is lost and does not know it yet.
    ///
    /// - Throws: ``isTakenByAnother`` among others.
    func take(for session: MySQLSession) throws(MySQLFailure) {
        let holders = try ask("SELECT IS_USED_LOCK(?), IS_USED_LOCK(?)", of: session)
        if case .integer(let holder) = holders[0], holders[0] == holders[1] {
            // It may have ended by itself meanwhile; what counts is whether the lock can be had.
            try? session.execute("KILL \(holder)")
        }
        let got = try ask("SELECT GET_LOCK(?, 1), GET_LOCK(?, 1)", of: session)
        state.withLock { $0.isAnothers = got[0] == .integer(0 as Int64) }
        guard got == [.integer(1 as Int64), .integer(1 as Int64)] else { throw Self.isTakenByAnother }
        try session.commit()
        state.withLock { state in
            if state.isBehind { state.generation += 1 }
            state.isBehind = false
        }
    }

    private func ask(_ sql: String, of session: MySQLSession) throws(MySQLFailure) -> [SQLValue] {
        do {
            return try session.rows(sql, [.text(name), .text(ownName)]).first?.values ?? []
        } catch {
            throw session.failure ?? MySQLFailure("the lock cannot be asked for: \(error)")
        }
    }
}
