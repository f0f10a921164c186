import Synchronization

/// Keeps other servers off the database: a named lock of the database server, held by the one session that writes.
///
/// The lock and the session are lost together, so every write happens under the lock.
final class MySQLLock: Sendable {
    private let name: String
    /// A second lock, taken together with the first, that identifies a lost session of this process.
    private let ownName: String
    private let state = Mutex((isAnothers: false, isBehind: false, generation: 0))

    init(database: String) {
        name = "berth:" + database
        ownName = "berth:" + String(UInt64.random(in: .min ... .max), radix: 36)
    }

    static let isTakenByAnother = MySQLFailure("another Berth server uses this database")

    /// Whether another server held the lock at the last attempt.
    var isAnothers: Bool { state.withLock { $0.isAnothers } }
    /// How often the lock has moved away from a server that became read-only.
    var generation: Int { state.withLock { $0.generation } }

    /// Records that the lock's server accepts no changes: the next server that has the lock may be another one.
    func leave() { state.withLock { $0.isBehind = true } }

    /// Checks, for a session that only reads, that no other server holds the lock.
    ///
    /// The lock may be free for the moment.
    func check(for session: MySQLSession) throws(MySQLFailure) {
        let holders = try ask("SELECT IS_USED_LOCK(?), IS_USED_LOCK(?)", of: session)
        let isAnothers = holders[0] != .null && holders[0] != holders[1]
        state.withLock { $0.isAnothers = isAnothers }
        guard !isAnothers else { throw Self.isTakenByAnother }
        try session.commit()
    }

    /// Takes the lock for `session`, if necessary from a lost session of this process that the server still considers
    /// alive.
    ///
    /// - Throws: ``isTakenByAnother`` among others.
    func take(for session: MySQLSession) throws(MySQLFailure) {
        let holders = try ask("SELECT IS_USED_LOCK(?), IS_USED_LOCK(?)", of: session)
        if case .integer(let holder) = holders[0], holders[0] == holders[1] {
            // The old session may have ended meanwhile; what counts is whether the lock can be taken.
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
