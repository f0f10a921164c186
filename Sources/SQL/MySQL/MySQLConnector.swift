/// A thread's connection to the server: a session that is created on demand, and again after a loss.
final class MySQLConnector {
    private let address: MySQLAddress
    private let use: MySQLSession.Use
    private let lock: MySQLLock
    private var session: MySQLSession?
    private var timeout = 0
    /// The generation of the lock when the session was created.
    private var generation = 0
    private var lastUse = ContinuousClock.now

    /// Seconds for which the server may delay a session that is in no hurry.
    ///
    /// Callers do not wait for it: they have a deadline, at which the session is cut.
    private static let usualPatience = 5
    /// How long an unused reading session is kept; less than the server's own timeout.
    private static let idleTime: Duration = .seconds(30)

    init(_ address: MySQLAddress, for use: MySQLSession.Use, lock: MySQLLock) {
        self.address = address
        self.use = use
        self.lock = lock
    }

    /// A session in which a statement may take as long as `limit`.
    func open(for limit: Duration) throws(MySQLFailure) -> MySQLSession {
        lastUse = .now
        let needed = max(Self.usualPatience, Int(limit.components.seconds) + 1)
        if use == .reading, lock.isAnothers { throw MySQLLock.isTakenByAnother }
        if let session, timeout >= needed, isUpToDate { return session }
        // The old session, and its lock, must be gone before the new one is made.
        session = nil
        // Read before the session is made: the writer may move to another server meanwhile.
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

    /// Whether the session leads to the server that the writer uses, which may have changed.
    private var isUpToDate: Bool { use == .writing || generation == lock.generation }

    func close() { session = nil }

    /// Closes the session after it has failed with `failure`.
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

    /// Called periodically while there is no work.
    func idle() {
        guard use == .writing else {
            if .now - lastUse > Self.idleTime { close() }
            return
        }
        // A demoted server still responds. The lock must be held on the server that replaced it.
        if let session, (try? checkWritable(session)) != nil { return }
        close()
        // Reconnects and locks as soon as possible, so that no other server gets the lock first. The next writer gets
        // the failure.
        _ = try? open(for: .zero)
    }
}
