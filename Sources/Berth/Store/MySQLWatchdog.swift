import Dispatch
import Foundation
import Synchronization

/// Ends jobs at their deadlines, whatever their threads are waiting for.
final class MySQLWatchdog: Sendable {
    private let watch = Watch()

    init() {
        let thread = Thread { [watch] in watch.run() }
        thread.name = "berth-mysql"
        thread.stackSize = 256 << 10
        thread.start()
    }

    deinit { watch.close() }

    func add(_ job: any MySQLJob) { watch.add(job) }

    func remove(_ job: any MySQLJob) { watch.remove(job) }
}

private final class Watch: Sendable {
    private struct State {
        var jobs: [ObjectIdentifier: any MySQLJob] = [:]
        /// When the thread looks next; nil while it sleeps until it is woken.
        var looksAt: ContinuousClock.Instant?
        var isClosed = false
    }

    private let state = Mutex(State())
    private let changed = DispatchSemaphore(value: 0)

    func add(_ job: any MySQLJob) {
        let isEarlier = state.withLock { state in
            state.jobs[ObjectIdentifier(job)] = job
            return state.looksAt.map { job.deadline < $0 } ?? true
        }
        if isEarlier { changed.signal() }
    }

    func remove(_ job: any MySQLJob) {
        state.withLock { _ = $0.jobs.removeValue(forKey: ObjectIdentifier(job)) }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        changed.signal()
    }

    func run() {
        while true {
            let (overdue, next, isClosed) = look()
            for job in overdue { job.expire() }
            guard !isClosed else { return }
            _ = changed.wait(timeout: next.map { .now() + .nanoseconds($0) } ?? .distantFuture)
        }
    }

    /// Those that are overdue, the nanoseconds until the next one is, and whether there will be no more.
    private func look() -> ([any MySQLJob], Int?, Bool) {
        state.withLock { state in
            let now = ContinuousClock.now
            let overdue = state.jobs.values.filter { $0.deadline <= now }
            for job in overdue { state.jobs[ObjectIdentifier(job)] = nil }
            state.looksAt = state.jobs.values.map(\.deadline).min()
            let pause = state.looksAt.map { ($0 - now).components }
            return (
                overdue, pause.map { Int($0.seconds) * 1_000_000_000 + Int($0.attoseconds / 1_000_000_000) },
                state.isClosed
            )
        }
    }
}
