import CMariaDB
import Dispatch
import Foundation
import Glibc
import Synchronization

/// Threads that perform jobs, each on a connection of its own, since libmariadb blocks whoever calls it.
///
/// A thread starts when there is work for it. All of them end, and their connections with them, when this value goes.
final class MySQLPool: Sendable {
    private let work: Work

    /// - Parameter connector: makes that of a thread.
    init(threads: Int, connector: @escaping @Sendable () -> MySQLConnector) {
        work = Work(maximumThreads: threads, connector: connector)
    }

    deinit { work.close() }

    /// Has `job` done when a thread is free; fails it when too many wait already.
    func submit(_ job: any MySQLJob) { work.submit(job) }
}

/// What the threads share, which outlives the pool until the last of them has ended.
private final class Work: Sendable {
    private struct State {
        var waiting: [any MySQLJob] = []
        /// The one that became idle last is the first to be woken: its connection is the most likely to live.
        var idle: [DispatchSemaphore] = []
        var threads = 0
        /// When there was last no session to be had for a further thread.
        var lastLack: ContinuousClock.Instant?
        var isClosed = false
    }

    private static let maximumWaiting = 512
    /// Between two looks at whether an idle connection is still there.
    private static let idleInterval = DispatchTimeInterval.seconds(2)
    /// After which another session is asked for where none was to be had.
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
        case .refuse: job.fail(SQLError.unavailable("MySQL: too many transactions wait for their turn"))
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

    /// A connection that was cut while it is written to is an error then, also where OpenSSL writes.
    private static func blockSIGPIPE() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Has `job` wait again, as the first, for a thread that gets no session; false when others are there to do it.
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

    /// Takes a thread out of the idle ones; false when somebody has just woken it.
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
