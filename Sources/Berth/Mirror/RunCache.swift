import DockerEngine
import Synchronization

/// Every run as it is right now, in memory: what reads are answered from.
///
/// Ahead of the store by the moment that ``RunRecorder`` needs. Nothing here outlives the process that is not in the
/// store or on the engines.
package final class RunCache: Sendable {
    /// A run as it was at one moment.
    ///
    /// Its revision tells whether anything has happened to it since.
    struct Entry: Sendable {
        var run: Run
        var revision = 0
        /// Whether somebody in this process is at starting, changing or removing it.
        var isLocked = false
        /// Whether somebody wants it not to be started any more.
        var isCancelled = false
        /// When its engine last said how it is.
        var observedAt: Timestamp?
        /// The last end of its container that an event told of, where the engine may have started it again.
        var lastEnd: ContainerEnd?

        /// Whether ``QueuedRuns`` has yet to start it.
        var isQueued: Bool { run.wasQueued && run.state.isBeingStarted }

        /// Whether what the engine says of it must not be taken for the outcome: something is still being done to it.
        var isUnderWay: Bool { isLocked || isQueued }
    }

    private let state: Mutex<RunCacheState>
    /// Tells what happens here.
    package let feed: ChangeFeed
    /// Counts what becomes of the runs.
    let metrics: RunMetrics
    /// Sent when there is something to record.
    let changed = Wakeup()
    /// Sent when a promised run may be started: there is a new one, or a host is back.
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

    /// Makes `change` under the lock; what it brings about for others, metrics and readers, follows after the lock.
    func mutate<Result: Sendable>(_ change: (inout RunCacheState) -> Result) -> Result {
        let (result, notifications) = state.withLock { state in (change(&state), state.takeNotifications()) }
        for transition in notifications.transitions { metrics.record(transition) }
        if notifications.isChanged { feed.publish { state.withLock { $0.takeUnpublished() } } }
        if notifications.isUnrecorded { changed.send() }
        if notifications.isQueued { queued.send() }
        for watcher in notifications.watchers { watcher.send() }
        return result
    }

    /// As ``mutate(_:)``, for what wakes nobody.
    func withState<Result: Sendable>(_ body: (inout RunCacheState) -> Result) -> Result {
        state.withLock { body(&$0) }
    }
}

// What others ask.
extension RunCache {
    /// Grows with each change that a reader could see.
    package var version: Int { withState { $0.version } }

    func entry(_ id: RunID) -> Entry? { withState { $0.slots[id]?.entry } }

    func entry(named name: RunName) -> Entry? { withState { $0.names[name]?.entry } }

    /// All runs, the oldest first.
    package func all() -> [Run] { withState { $0.indexes.all.slots.map(\.run) } }

    /// Those of an app, the oldest first.
    func runs(of app: AppName) -> [Run] { withState { $0.indexes.of(app).slots.map(\.run) } }

    /// Those with this status, the oldest first.
    func runs(with status: RunStatus) -> [Run] { withState { $0.indexes.of(status).slots.map(\.run) } }

    func entries(on host: HostName) -> [Entry] { withState { $0.hosts[host]?.runs.slots.map(\.entry) ?? [] } }

    /// The run that has this container.
    func run(of container: ContainerID, on host: HostName) -> RunID? {
        withState { $0.hosts[host]?.runs.slots.first { $0.run.containerID == container }?.run.id }
    }

    /// Those on the host whose engine is about to start them again, or has given that up.
    func restarting(on host: HostName) -> [RunID] {
        withState { $0.indexes.of(RunState.restarting).slots.filter { $0.run.host == host }.map(\.run.id) }
    }

    /// Those that run, that nobody is at, and that may not run for ever.
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

    /// How many runs the host has, by status.
    package func counts(on host: HostName) -> (running: Int, finished: Int) {
        withState { state in
            guard let host = state.hosts[host] else { return (0, 0) }
            return (host.running, host.runs.count - host.running)
        }
    }

    /// How many runs are in each state that has any, and how many run of each app that has any.
    package func census() -> (states: [RunState: Int], running: [AppName: Int]) {
        withState { state in
            let states = RunState.allCases.map { ($0, state.indexes.of($0).count) }.filter { $0.1 > 0 }
            let running = Dictionary(grouping: state.indexes.of(RunStatus.running).slots, by: \.run.app)
            return (Dictionary(uniqueKeysWithValues: states), running.mapValues(\.count))
        }
    }

    /// Those that have runs.
    var apps: [AppName] { withState { $0.indexes.appNames } }

    /// The run as clients see it; nil where there is none.
    func view(of name: RunName) -> RunView? { withState { state in state.names[name].map(state.view) } }

    /// At most `limit` runs that `filter` wants, the newest first, those before `position`.
    func page(_ filter: RunFilter, before position: RunPosition?, limit: Int) -> RunPage {
        withState { $0.page(filter, before: position, limit: limit) }
    }

    /// All runs, of one app where it is given, the oldest first, as one page.
    func everything(of app: AppName?) -> RunPage {
        withState { $0.page(of: app.map($0.indexes.of)?.slots ?? $0.indexes.all.slots, next: nil) }
    }
}

// For those who wait for a run.
extension RunCache {
    /// Runs `body`, unless the run's start is cancelled before that ends.
    ///
    /// - Throws: ``StartCancelled``, and what `body` throws.
    func unlessCancelled(_ id: RunID, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await watching(id) { watcher in
            try await firstOf(body) {
                while self.entry(id)?.isCancelled == false {
                    await watcher.wait()
                    try Task.checkCancellation()
                }
                throw StartCancelled()
            }
        }
    }

    /// Returns when nobody is at the run any more, or after `limit`.
    func waitUntilFree(_ id: RunID, atMost limit: Duration) async {
        let end = ContinuousClock.now + limit
        await watching(id) { watcher in
            while entry(id)?.isLocked == true, end > .now { await watcher.wait(atMost: end - .now) }
        }
    }

    /// Has `watcher` sent at each change of the run, until `body` ends.
    func watching<Result>(_ id: RunID, _ body: (Wakeup) async throws -> Result) async rethrows -> Result {
        let watcher = Wakeup()
        withState { $0.watchers[id, default: [:]][ObjectIdentifier(watcher)] = watcher }
        defer { withState { $0.unwatch(id, watcher) } }
        return try await body(watcher)
    }
}

/// Somebody wants a run not to be started any more.
struct StartCancelled: Error {}
