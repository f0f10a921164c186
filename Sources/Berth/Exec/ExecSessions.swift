import DockerEngine
import ServiceLifecycle
import Synchronization

/// The sessions of this server, by id.
package final class ExecSessions: Service {
    private let all = Mutex<[String: ExecSession]>([:])
    private let idleLimit: Duration
    private let (opened, source) = AsyncStream.makeStream(of: ExecSession.self)

    private static let maximumCount = 256

    /// - Parameter idleLimit: how long a session goes on without a reader, and is known after its end.
    init(idleLimit: Duration = .seconds(60)) { self.idleLimit = idleLimit }

    package var count: Int { all.withLock { $0.values.count { $0.end == nil } } }

    package func run() async {
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                for await session in opened {
                    // Weak, so that a session that is closed is released, with its output.
                    group.addTask { [weak session, id = session.id] in
                        await session?.execute()
                        // Its result stays known for a while.
                        try? await Task.sleep(for: self.idleLimit)
                        self.all.withLock { $0[id] = nil }
                    }
                }
            }
        }
    }

    /// Starts the command as a session, which goes on until ``close(_:)`` or until it has had no reader for a while.
    ///
    /// - Throws: `BerthError` if it could not be started.
    package func open(_ exec: PreparedExec, by caller: Caller) async throws -> ExecSession {
        let session = ExecSession(exec, idleLimit: idleLimit, owner: caller.principal)
        let hasRoom = all.withLock { all in
            guard all.count < Self.maximumCount else { return false }
            all[session.id] = session
            return true
        }
        guard hasRoom else { throw BerthError.tooManySessions(Self.maximumCount) }
        source.yield(session)
        do {
            try await session.waitUntilStarted()
            return session
        } catch {
            close(session)
            throw error
        }
    }

    /// - Throws: `BerthError.execNotFound`.
    package func session(_ id: String) throws(BerthError) -> ExecSession {
        guard let session = all.withLock({ $0[id] }) else { throw .execNotFound }
        return session
    }

    /// Ends the session and forgets it.
    package func close(_ session: ExecSession) {
        all.withLock { $0[session.id] = nil }
        session.detach()
    }

    /// The ids of the tokens that have begun sessions.
    var tokens: Set<String> { all.withLock { Set($0.values.lazy.map(\.owner).filter(\.hasToken).map(\.id)) } }

    /// Ends the sessions that a token has begun.
    func close(of token: String) {
        for session in all.withLock({ $0.values.filter { $0.owner.id == token } }) { close(session) }
    }
}
