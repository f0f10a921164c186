/// A thread's way to the server: a session that is made when it is needed, and made again after it was lost.
final class MySQLConnector {
    private let address: MySQLAddress
    private let use: MySQLSession.Use
    private let lock: MySQLLock
    private var session: MySQLSession?
    private var timeout = 0
    /// That of the lock when the session was made.
    private var generation = 0
    private var lastUse = ContinuousClock.now

    /// Seconds for which the server may keep a session waiting that is in no hurry.
    ///
    /// Callers do not wait for it: they have a deadline, at which the session is cut.
    private static let usualPatience = 5
    /// For which a session to read is kept without use; less than the server's own timeout.
    private static let idleTime: Duration = .seconds(30)

    init(_ address: MySQLAddress, for use: MySQLSession.Use, lock: MySQLLock) {
        self.address = address
        self.use = use
        self.lock = lock
    }

    /// A session in which something may take as long as `limit`.
    func open(for limit: Duration) throws(MySQLFailure) -> MySQLSession {
        lastUse = .now
        let needed = max(Self.usualPatience, Int(limit.components.seconds) + 1)
        if use == .reading, lock.isAnothers { throw MySQLLock.isTakenByAnother }
        if let session, timeout >= needed, isUpToDate { return session }
        // The one that is given up has to be gone, and its lock with it, before there is another.
        session = nil
        // Before it is made: whoever writes may move to another server meanwhile.
        generation = lock.generation
        let session = try MySQLSession(address, for: use, timeout: needed)
        switch use {
        case .writing:
            try checkWritable(session)
            try lock.take(for: session)
        case .reading: try lock.check(for: session)
        }
        self.session = session
        timeout = needed
        return session
    }

    /// Whether it leads to the server that is written to, which may have changed since.
    private var isUpToDate: Bool { use == .writing || generation == lock.generation }

    func close() { session = nil }

    /// Closes it for what its session has failed with.
    func close(after failure: MySQLFailure) {
        if failure.isOfReadOnlyServer { lock.leave() }
        close()
    }

    private func checkWritable(_ session: MySQLSession) throws(MySQLFailure) {
        do {
            try session.checkWritable()
        } catch {
            close(after: error)
            throw error
        }
    }

    /// Called now and then while there is nothing to do.
    func idle() {
        guard use == .writing else {
            if .now - lastUse > Self.idleTime { close() }
            return
        }
        // A demoted server answers; what is to be locked is the database on the one that took its place.
        if let session, (try? checkWritable(session)) != nil { return }
        close()
        // Taken again as soon as possible, so that no other server comes between. Whoever writes next hears of a failure.
        _ = try? open(for: .zero)
    }
}
