/// A thread's way to the server: a session that is made when it is needed, and made again after it was lost.
final class MySQLLine {
    private let address: MySQLAddress
    private let use: MySQLSession.Use
    private let lock: MySQLLock
    private var session: MySQLSession?
    private var patience = 0
    private var lastUse = ContinuousClock.now

    /// Seconds for which the server may keep a session waiting that is in no hurry.
    ///
    /// Callers do not wait for it: they have a deadline, at which the session is cut.
    private static let usualPatience = 5
    /// For which a session to read is kept without use; less than the server's own patience.
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
        if let session, patience >= needed { return session }
        // The one that is given up has to be gone, and its lock with it, before there is another.
        session = nil
        let session = try MySQLSession(address, for: use, patience: needed)
        switch use {
        case .writing: try lock.take(for: session)
        case .reading: try lock.check(for: session)
        }
        self.session = session
        patience = needed
        return session
    }

    func close() { session = nil }

    /// Called now and then while there is nothing to do.
    func idle() {
        guard use == .writing else {
            if .now - lastUse > Self.idleTime { close() }
            return
        }
        if let session, session.answers { return }
        close()
        // Taken again as soon as possible, so that no other server comes between. Whoever writes next hears of a failure.
        _ = try? open(for: .zero)
    }
}
