import DockerEngine
import Synchronization

/// The current state of every run, in memory; reads are served from it, without waiting for a host or the database.
///
/// It is ahead of the store by the delay of ``RunRecorder``. Only what is in the store or on the engines outlives the
/// process.
package final class RunCache: Sendable {
    /// A run at one moment.
    ///
    /// The revision shows whether the run has changed since.
    struct Entry: Sendable {
        var run: Run
        var revision = 0
        /// Whether a task in this process starts, changes or removes it.
        var isLocked = false
        /// Whether the cancellation of its start was requested.
        var isCancelled = false
        /// Whether its host was removed while it was locked; it ends when it is unlocked.
        var isAbandoned = false
        /// When its engine last reported its state.
        var observedAt: Timestamp?
        /// Whether it has finished and is being started again, so that it counts as a live run of its app already.
        var isReserved = false
        /// The last end of its container that an event reported, if the engine may have started it again.
        var lastEnd: ContainerEnd?

        /// Whether ``QueuedRuns`` has yet to start it.
        var isQueued: Bool { run.wasQueued && run.state.isBeingStarted }

        /// Whether an operation on it is in progress, so that the engine's report is not its final state.
        var isUnderWay: Bool { isLocked || isQueued }
    }

    private let state: Mutex<RunCacheState>
    /// Publishes the changes of runs.
    package let feed: ChangeFeed
    /// Counts what happens to runs.
    let metrics: RunMetrics
    /// Sent when there are changes to record.
    let changed = Wakeup()
    /// Sent when a queued run may be startable: a run was added, or a host is connected again.
    let queued = Wakeup()

    init(
        _ runs: [Run],
        feed: ChangeFeed,
        metrics: RunMetrics = RunMetrics(Instruments.none.metrics),
        encode: @escaping EncodedRun.Encoder
    ) {
        var state = RunCacheState(encode: encode)
        for run in runs { state.load(run) }
        self.state = Mutex(state)
        self.feed = feed
        self.metrics = metrics
    }

    /// Makes `change` under the lock; metrics, readers and waiting tasks are notified after the lock is released.
    func mutate<Result: Sendable>(_ change: (inout RunCacheState) -> Result) -> Result {
        let (result, notifications) = state.withLock { state in (change(&state), state.takeNotifications()) }
        for transition in notifications.transitions { metrics.record(transition) }
        if notifications.isChanged { feed.publish { state.withLock { $0.takeUnpublished() } } }
        if notifications.isUnrecorded { changed.send() }
        if notifications.isQueued { queued.send() }
        for watcher in notifications.watchers { watcher.send() }
        return result
    }

    /// Like ``mutate(_:)``, for accesses that notify nobody.
    func withState<Result: Sendable>(_ body: (inout RunCacheState) -> Result) -> Result {
        state.withLock { body(&$0) }
    }
}

// Reads.
extension RunCache {
    /// Grows with each change that a reader could see.
    package var version: Int { withState { $0.version } }

    func entry(_ id: RunID) -> Entry? { withState { $0.slots[id]?.entry } }

    func entry(named name: RunName) -> Entry? { withState { $0.names[name]?.entry } }

    /// All runs, oldest first.
    package func all() -> [Run] { withState { $0.indexes.all.slots.map(\.run) } }

    /// The runs of an app, oldest first.
    func runs(of app: AppName) -> [Run] { withState { $0.indexes.of(app).slots.map(\.run) } }

    /// The runs with this status, oldest first.
    func runs(with status: RunStatus) -> [Run] { withState { $0.indexes.of(status).slots.map(\.run) } }

    func entries(on host: HostName) -> [Entry] { withState { $0.hosts[host]?.runs.slots.map(\.entry) ?? [] } }

    /// The run that has this container.
    func run(of container: ContainerID, on host: HostName) -> RunID? {
        withState { $0.hosts[host]?.runs.slots.first { $0.run.containerID == container }?.run.id }
    }

    /// The host's runs in state `restarting`: their engine is about to start them again, or has given up.
    func restarting(on host: HostName) -> [RunID] {
        withState { $0.indexes.of(RunState.restarting).slots.filter { $0.run.host == host }.map(\.run.id) }
    }

    /// Running, unlocked runs that have a maximum runtime.
    func limited() -> [Run] {
        withState { state in
            state.limited.compactMap { id in
                guard let entry = state.slots[id]?.entry, entry.run.state == .running, !entry.isUnderWay else {
                    return nil
                }
                return entry.run
            }
        }
    }

    /// The host's runs that have not finished.
    func live(on host: HostName) -> [RunID] {
        withState { $0.hosts[host]?.runs.slots.filter { $0.run.state.status == .running }.map(\.run.id) ?? [] }
    }

    /// The number of the host's runs, by status.
    package func counts(on host: HostName) -> (running: Int, finished: Int) {
        withState { state in
            guard let host = state.hosts[host] else { return (0, 0) }
            return (host.running, host.runs.count - host.running)
        }
    }

    /// The number of runs per state and the number of running ones per app, without zeros.
    package func census() -> (states: [RunState: Int], running: [AppName: Int]) {
        withState { state in
            let states = RunState.allCases.map { ($0, state.indexes.of($0).count) }.filter { $0.1 > 0 }
            let running = Dictionary(grouping: state.indexes.of(RunStatus.running).slots, by: \.run.app)
            return (Dictionary(uniqueKeysWithValues: states), running.mapValues(\.count))
        }
    }

    /// The apps that have runs.
    var apps: [AppName] { withState { $0.indexes.appNames } }

    /// The run as clients see it; nil if it does not exist.
    package func view(of name: RunName) -> RunView? { withState { state in state.names[name].map(state.view) } }

    /// - Throws: `BerthError` `runNotFound`.
    package func get(_ name: RunName) throws(BerthError) -> RunView {
        guard let run = view(of: name) else { throw .runNotFound(name) }
        return run
    }

    /// At most `limit` runs before `position` that match `filter`, newest first.
    package func page(_ filter: RunFilter, before position: RunPosition?, limit: Int) -> RunPage {
        withState { $0.page(filter, before: position, limit: limit) }
    }

    /// The runs in the scope, all or those of one app, oldest first, as one page.
    ///
    /// While ``version`` stays the same, so does the page.
    package func everything(of app: AppName?, in scope: AppScope) -> RunPage {
        withState { state in
            let slots = app.map(state.indexes.of)?.slots ?? state.indexes.all.slots
            guard let apps = state.indexes.apps(in: scope) else { return state.page(of: slots, next: nil) }
            return state.page(of: slots.filter { apps.contains($0.run.app) }, next: nil)
        }
    }
}
