import Glibc
import Synchronization

/// A job for a thread that has a connection to the server; it has a deadline.
protocol MySQLJob: AnyObject, Sendable {
    /// Whether its caller has stopped waiting.
    var hasEnded: Bool { get }

    /// - Returns: false when the connector has no session and gets none for now; the job is then queued again.
    func perform(on connector: MySQLConnector) -> Bool
    /// Fails the job to its caller, and closes the socket so that the thread stops waiting for a response.
    func expire()
    func fail(_ error: any Error)
}

/// One transaction and its caller, from the call to the result.
final class MySQLTransaction<Result: Sendable>: MySQLJob {
    private enum Phase {
        case waiting
        case running
        /// The server may have committed it.
        case committing
        case ended
    }

    private struct State {
        var phase = Phase.waiting
        var socket: Int32?
        /// Why it was queued again.
        var lack: MySQLFailure?
        var caller: CheckedContinuation<Result, any Error>?

        /// Ends the transaction; returns the caller if it is still waiting.
        mutating func end() -> CheckedContinuation<Result, any Error>? {
            phase = .ended
            defer { caller = nil }
            return caller
        }
    }

    private let limit: Duration
    private let use: MySQLSession.Use
    private let body: @Sendable (MySQLSession) throws -> Result
    private let state = Mutex(State())

    init(_ use: MySQLSession.Use, within limit: Duration, _ body: @escaping @Sendable (MySQLSession) throws -> Result) {
        self.use = use
        self.limit = limit
        self.body = body
    }

    var hasEnded: Bool { state.withLock { $0.phase == .ended } }

    /// Sets the caller that gets the result.
    func answer(_ caller: CheckedContinuation<Result, any Error>) {
        let isTooLate = state.withLock { state in
            guard state.phase != .ended else { return true }
            state.caller = caller
            return false
        }
        if isTooLate { caller.resume(throwing: CancellationError()) }
    }

    /// Cancels the transaction unless it has begun.
    func cancel() {
        let caller = state.withLock { state in
            guard state.phase == .waiting else { return nil as CheckedContinuation<Result, any Error>? }
            return state.end()
        }
        caller?.resume(throwing: CancellationError())
    }

    func fail(_ error: any Error) { end(.failure(error)) }

    func expire() {
        let (caller, phase, lack) = state.withLock { state in
            let (phase, lack) = (state.phase, state.lack)
            // Under the lock: afterwards, the number could be another connection's.
            if let socket = state.socket { shutdown(socket, Int32(SHUT_RDWR)) }
            return (state.end(), phase, lack)
        }
        let outcome = phase == .committing ? "; it is unknown whether the change was committed" : ""
        caller?.resume(throwing: lack ?? SQLError.unavailable("MySQL: no response within \(limit)\(outcome)"))
    }

    func perform(on connector: MySQLConnector) -> Bool {
        guard move(from: [.waiting], to: .running) else { return true }
        do {
            end(.success(try repeated(on: connector)))
        } catch let failure as MySQLFailure where failure.isLackOfSessions && waitAgain(for: failure) {
            return false
        } catch {
            end(.failure(error))
        }
        return true
    }

    /// Queues the transaction again; false when it has ended meanwhile.
    private func waitAgain(for lack: MySQLFailure) -> Bool {
        state.withLock { state in
            guard state.phase == .running else { return false }
            state.phase = .waiting
            state.lack = lack
            return true
        }
    }

    private func end(_ result: Swift.Result<Result, any Error>) {
        state.withLock { $0.end() }?.resume(with: result)
    }

    private func move(from: [Phase], to phase: Phase) -> Bool {
        state.withLock { state in
            guard from.contains(state.phase) else { return false }
            state.phase = phase
            return true
        }
    }

    /// Publishes the session's socket for ``expire()``; nil withdraws it.
    private func expose(_ socket: Int32?) -> Bool {
        state.withLock { state in
            state.socket = socket
            if socket != nil { state.lack = nil }
            return state.phase != .ended
        }
    }
}

extension MySQLTransaction {
    private struct Overdue: Error {}

    private static var maximumAttempts: Int { 12 }

    /// Runs the transaction, and retries until it succeeds, is rejected, or has no chance of success.
    private func repeated(on connector: MySQLConnector) throws -> Result {
        var hasReconnected = false
        for attempt in 1... {
            do {
                return try once(on: connector)
            } catch let failure as MySQLFailure {
                let isCommitting = state.withLock { $0.phase == .committing }
                if failure.endsSession {
                    connector.close(after: failure)
                    guard !isCommitting || !failure.isLostConnection else { throw Self.unknownOutcome(failure) }
                    guard !hasReconnected else { throw failure }
                    hasReconnected = true
                } else {
                    guard failure.isRepeatable, attempt < Self.maximumAttempts else { throw failure }
                    pause(after: attempt)
                }
                guard move(from: [.running, .committing], to: .running) else { throw Overdue() }
            }
        }
        throw Overdue()
    }

    private static func unknownOutcome(_ failure: MySQLFailure) -> MySQLFailure {
        MySQLFailure(
            "the connection was lost during a commit; it is unknown whether the change was committed: "
                + "\(failure.message)"
        )
    }

    /// Sleeps before a retry.
    ///
    /// The thread is one of the pool's and may block. The pause grows with each attempt and is random, so that two
    /// conflicting transactions do not collide again.
    private func pause(after attempt: Int) {
        usleep(UInt32.random(in: 1_000...5_000) * UInt32(min(attempt, 8)))
    }

    private func once(on connector: MySQLConnector) throws -> Result {
        let session = try connector.open(for: limit)
        defer { _ = expose(nil) }
        guard expose(session.socket) else { throw Overdue() }
        let result: Result
        do {
            result = try body(session)
            if let failure = session.failure { throw failure }
        } catch {
            throw undo(on: connector, session, error)
        }
        guard move(from: [.running], to: .committing) else {
            connector.close()
            throw Overdue()
        }
        return try keep(result, on: connector, session)
    }

    /// Rolls back, and returns the cause of the failure.
    private func undo(on connector: MySQLConnector, _ session: MySQLSession, _ error: any Error) -> any Error {
        let cause = session.failure ?? error
        do {
            try session.rollBack()
        } catch {
            // The server rolls back when the connection is closed.
            connector.close()
        }
        return cause
    }

    private func keep(_ result: Result, on connector: MySQLConnector, _ session: MySQLSession) throws -> Result {
        do {
            try session.commit()
        } catch {
            // A reader already has its result.
            guard use == .writing else {
                connector.close()
                return result
            }
            if !error.isLostConnection { throw undo(on: connector, session, error) }
            throw error
        }
        return result
    }
}
