import DockerEngine
import Synchronization

/// Every run as it is right now, in memory: what reads are answered from.
///
/// Ahead of the store by the moment that ``RunRecorder`` needs. Nothing here outlives the process that is not in the
/// store or on the engines.
package final class LiveRuns: Sendable {
    /// A run as it was at one moment.
    ///
    /// Its revision tells whether anything has happened to it since.
    struct Entry: Sendable {
        var run: Run
        var revision = 0
        /// Whether somebody in this process is at starting, changing or removing it.
        var isOwned = false
        /// When its engine last said how it is.
        var observedAt: Timestamp?

        /// Whether ``PromisedRuns`` has yet to start it.
        var isOwed: Bool { run.isPromised && run.state.isBeingStarted }

        /// Whether what the engine says of it must not be taken for the outcome: something is still being done to it.
        var isUnderWay: Bool { isOwned || isOwed }
    }

    fileprivate struct State {
        private(set) var entries: [RunID: Entry] = [:]
        private(set) var ids: [RunName: RunID] = [:]
        /// Runs whose record is older than what is here.
        var unrecorded: Set<RunID> = []

        mutating func put(_ entry: Entry) {
            let run = entry.run
            if let earlier = entries.updateValue(entry, forKey: run.id), earlier.run.name != run.name {
                ids[earlier.run.name] = nil
            }
            ids[run.name] = run.id
        }

        mutating func remove(_ id: RunID) {
            if let entry = entries.removeValue(forKey: id) { ids[entry.run.name] = nil }
            unrecorded.remove(id)
        }
    }

    private let state: Mutex<State>
    /// Sent when there is something to record.
    let changed = Signal()
    /// Sent when a promised run may be started: there is a new one, or a host is back.
    let owed = Signal()

    init(_ runs: [Run]) {
        var state = State()
        for run in runs { state.put(Entry(run: run)) }
        self.state = Mutex(state)
    }

    /// All runs, the oldest first.
    package func all() -> [Run] {
        state.withLock { $0.entries.values.map(\.run) }.sorted { ($0.createdAt, $0.name) < ($1.createdAt, $1.name) }
    }

    func entry(_ id: RunID) -> Entry? { state.withLock { $0.entries[id] } }

    func entry(named name: RunName) -> Entry? {
        state.withLock { state in state.ids[name].flatMap { state.entries[$0] } }
    }

    func runs(of app: AppName) -> [Run] { entries { $0.run.app == app }.map(\.run) }

    func entries(on host: HostName) -> [Entry] { entries { $0.run.host == host } }

    func entries(where isWanted: (Entry) -> Bool) -> [Entry] { state.withLock { $0.entries.values.filter(isWanted) } }

    /// How many runs the host has, by status.
    package func counts(on host: HostName) -> (running: Int, finished: Int) {
        let entries = entries(on: host)
        let running = entries.count { $0.run.state.status == .running }
        return (running, entries.count - running)
    }
}

// For the one who is at starting, changing or removing a run.
extension LiveRuns {
    /// Adds a run that the caller is at starting, and owns until ``release(_:)``.
    func addOwned(_ run: Run) {
        state.withLock { $0.put(Entry(run: run, isOwned: true)) }
    }

    /// Adds runs that ``PromisedRuns`` is to start.
    func addOwed(_ runs: [Run]) {
        state.withLock { state in
            for run in runs { state.put(Entry(run: run)) }
        }
        owed.send()
    }

    /// Adds a run that is recorded already and that nobody is at.
    func add(_ run: Run, observedAt time: Timestamp) {
        state.withLock { $0.put(Entry(run: run, observedAt: time)) }
    }

    /// Makes the caller the owner of those of `runs` that nobody owns, and returns them as they are now.
    func own(_ runs: [RunID]) -> [Run] {
        state.withLock { state in runs.compactMap { state.own($0) } }
    }

    /// Makes the caller the owner of the oldest runs that are owed on these hosts and that nobody is at.
    func takeOwed(on hosts: Set<HostName>, limit: Int) -> [Run] {
        state.withLock { state in
            let owed = state.entries.values.filter { $0.isOwed && !$0.isOwned && hosts.contains($0.run.host) }
                .sorted { RunPosition(of: $0.run) < RunPosition(of: $1.run) }
            return owed.prefix(limit).compactMap { state.own($0.run.id) }
        }
    }

    /// Ends the caller's ownership.
    ///
    /// What the engine said in the meantime was passed over, so have it asked again.
    func release(_ id: RunID) {
        state.withLock { state in
            guard var entry = state.entries[id] else { return }
            entry.isOwned = false
            entry.revision += 1
            state.put(entry)
        }
    }

    /// Puts what `change` makes of the run in its place.
    ///
    /// - Parameters:
    ///   - isRecorded: whether the caller has recorded it already.
    ///   - time: when the engine said so; nil where it did not.
    /// - Returns: the run after it; nil if it is gone.
    @discardableResult
    func update(
        _ id: RunID,
        isRecorded: Bool = false,
        observedAt time: Timestamp? = nil,
        _ change: (Run) -> Run
    ) -> Run? {
        let updated = state.withLock { $0.replace(id, isRecorded: isRecorded, observedAt: time, change) }
        if !isRecorded { changed.send() }
        return updated
    }

    func remove(_ runs: some Collection<RunID>) {
        state.withLock { state in
            for id in runs { state.remove(id) }
        }
    }
}

// For the mirror.
extension LiveRuns {
    enum Settled: Sendable {
        case done
        /// Something has happened to the run since the engine was asked: ask again.
        case outdated
        /// Remove the container, then ``update(_:isRecorded:observedAt:_:)`` the run to this.
        case removal(Run)
    }

    /// Settles the run by what the engine was found to say after the run was at `revision`.
    func settle(_ id: RunID, revision: Int, found: Observation?, now: Timestamp) -> Settled {
        let (settled, isChanged) = state.withLock { state -> (Settled, Bool) in
            guard let entry = state.entries[id], !entry.isUnderWay else { return (.done, false) }
            guard entry.revision == revision else { return (.outdated, false) }
            switch Settlement(of: entry.run, found: found, now: now) {
            case .nothing:
                state.observed(id, at: now)
                return (.done, false)
            case .remove(let run): return (.removal(run), false)
            case .record(let run):
                state.replace(id, isRecorded: false, observedAt: now) { _ in run }
                return (.done, true)
            }
        }
        if isChanged { changed.send() }
        return settled
    }

    /// Notes that the engine was seen to say of these what is here.
    func observed(_ runs: [RunID], at time: Timestamp) {
        state.withLock { state in
            for id in runs { state.observed(id, at: time) }
        }
    }
}

// For the recorder.
extension LiveRuns {
    /// Takes the runs that have to be recorded.
    ///
    /// Whoever fails to record them gives them back.
    func takeUnrecorded() -> [Run] {
        state.withLock { state in
            defer { state.unrecorded = [] }
            return state.unrecorded.compactMap { state.entries[$0]?.run }
        }
    }

    func giveBackUnrecorded(_ runs: [Run]) {
        state.withLock { state in
            for run in runs where state.entries[run.id] != nil { state.unrecorded.insert(run.id) }
        }
    }
}

extension LiveRuns.State {
    fileprivate mutating func own(_ id: RunID) -> Run? {
        guard var entry = entries[id], !entry.isOwned else { return nil }
        entry.isOwned = true
        put(entry)
        return entry.run
    }

    fileprivate mutating func observed(_ id: RunID, at time: Timestamp) {
        guard var entry = entries[id] else { return }
        entry.observedAt = max(entry.observedAt ?? time, time)
        put(entry)
    }

    @discardableResult
    fileprivate mutating func replace(
        _ id: RunID,
        isRecorded: Bool,
        observedAt time: Timestamp?,
        _ change: (Run) -> Run
    ) -> Run? {
        guard var entry = entries[id] else { return nil }
        entry.run = change(entry.run)
        entry.revision += 1
        if let time { entry.observedAt = time }
        put(entry)
        if !isRecorded { unrecorded.insert(id) }
        return entry.run
    }
}
