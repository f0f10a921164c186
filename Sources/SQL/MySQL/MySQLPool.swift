import CMariaDB
import Dispatch
import Foundation
import Glibc
import Synchronization

/// Threads that perform jobs, each on its own connection, since libmariadb blocks the calling thread.
///
/// A thread starts when there is work for it. All threads and their connections end when this value is released.
final class MySQLPool: Sendable {
    /// Of its own, so that no blocked thread of another queue delays a deadline.
    private static let deadlines = DispatchQueue(label: "berth-mysql-deadlines")

    private let use: MySQLSession.Use
    private let work: Work

    init(_ use: MySQLSession.Use, to address: MySQLAddress, lock: MySQLLock, threads: Int) {
        self.use = use
        work = Work(maximumThreads: threads) { MySQLConnector(address, for: use, lock: lock) }
    }

    deinit { work.close() }

    /// Runs `body` in one transaction on the next free thread; fails if the queue is full.
    ///
    /// - Throws: `MySQLFailure`, ``SQLError``, `CancellationError`, or what `body` throws.
    func run<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (MySQLSession) throws -> Result
    ) async throws -> Result {
        let job = MySQLTransaction(use, within: limit, body)
        let time = DispatchTimeInterval.milliseconds(Int(limit / .milliseconds(1)))
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { caller in
                job.answer(caller)
                // The job answers its caller by then, even if the server does not respond.
                Self.deadlines.asyncAfter(deadline: .now() + time) { [weak job] in job?.expire() }
                work.submit(job)
            }
        } onCancel: {
            job.cancel()
        }
    }
}

/// State shared by the threads, which outlives the pool until the last thread has ended.
private final class Work: Sendable {
    private struct State {
        var waiting: [any MySQLJob] = []
        /// The thread that became idle last is woken first: its connection is the most likely to be alive.
        var idle: [DispatchSemaphore] = []
        var threads = 0
        /// When the server last refused a session for a further thread.
        var lastLack: ContinuousClock.Instant?
        var isClosed = false
    }

    private static let maximumWaiting = 512
    /// Interval between two checks of an idle connection.
    private static let idleInterval = DispatchTimeInterval.seconds(2)
    /// Time after a refused session until another one is requested.
    private static let lackInterval: Duration = .seconds(5)
    private static let lackPause = DispatchTimeInterval.milliseconds(50)

    private let maximumThreads: Int
    private let connector: @Sendable () -> MySQLConnector
    private let state = Mutex(State())

    init(maximumThreads: Int, connector: @escaping @Sendable () -> MySQLConnector) {
        self.maximumThreads = maximumThreads
        self.connector = connector
    }

    private enum Next {
        case wake(DispatchSemaphore)
        case start
        case nothing
        case refuse
    }

    func submit(_ job: any MySQLJob) {
        let next = state.withLock { state in
            if state.waiting.count >= Self.maximumWaiting { state.waiting.removeAll(where: \.hasEnded) }
            guard state.waiting.count < Self.maximumWaiting, !state.isClosed else { return Next.refuse }
            state.waiting.append(job)
            if let sleeper = state.idle.popLast() { return .wake(sleeper) }
            guard state.threads < maximumThreads else { return .nothing }
            if state.threads > 0, let lack = state.lastLack, .now - lack < Self.lackInterval { return .nothing }
            state.threads += 1
            return .start
        }
        switch next {
        case .wake(let sleeper): sleeper.signal()
        case .start: startThread()
        case .nothing: break
        case .refuse: job.fail(SQLError.unavailable("MySQL: too many transactions are waiting"))
        }
    }

    private func startThread() {
        let thread = Thread { self.run() }
        thread.name = "berth-mysql"
        thread.stackSize = 1 << 20
        thread.start()
    }

    private func run() {
        Self.blockSIGPIPE()
        mysql_thread_init()
        defer { mysql_thread_end() }
        let connector = connector()
        let sleeper = DispatchSemaphore(value: 0)
        while true {
            switch next(sleeper) {
            case .job(let job):
                if job.perform(on: connector) { continue }
                guard isNeeded(afterLackFor: job) else { return }
                _ = sleeper.wait(timeout: .now() + Self.lackPause)
            case .sleep:
                if sleeper.wait(timeout: .now() + Self.idleInterval) == .success { continue }
                guard wakeUp(sleeper) else { continue }
                connector.idle()
            case .end:
                return connector.close()
            }
        }
    }

    /// Makes a write to a closed connection fail with an error instead of a signal, also when OpenSSL writes.
    private static func blockSIGPIPE() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Puts `job` back at the front of the queue, for a thread that gets no session; false when other threads can do
    /// it.
    private func isNeeded(afterLackFor job: any MySQLJob) -> Bool {
        let (isNeeded, other) = state.withLock { state in
            state.lastLack = .now
            state.waiting.insert(job, at: 0)
            guard state.threads > 1 else { return (true, nil as DispatchSemaphore?) }
            state.threads -= 1
            return (false, state.idle.popLast())
        }
        other?.signal()
        return isNeeded
    }

    private enum Task {
        case job(any MySQLJob)
        case sleep
        case end
    }

    private func next(_ sleeper: DispatchSemaphore) -> Task {
        state.withLock { state in
            if !state.waiting.isEmpty { return .job(state.waiting.removeFirst()) }
            guard !state.isClosed else { return .end }
            if !state.idle.contains(where: { $0 === sleeper }) { state.idle.append(sleeper) }
            return .sleep
        }
    }

    /// Removes a thread from the idle ones; false when it has just been woken.
    private func wakeUp(_ sleeper: DispatchSemaphore) -> Bool {
        state.withLock { state in
            guard let index = state.idle.firstIndex(where: { $0 === sleeper }) else { return false }
            state.idle.remove(at: index)
            return true
        }
    }

    func close() {
        let idle = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
        for sleeper in idle { sleeper.signal() }
    }
}
