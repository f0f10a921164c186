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
        /// Whether somebody in this process is at starting or removing it; nobody else may settle it then.
        var isOwned = false
    }

    fileprivate struct State {
        var entries: [RunID: Entry] = [:]
        /// Runs whose record is older than what is here.
        var unrecorded: Set<RunID> = []
    }

    private let state: Mutex<State>
    /// Sent when there is something to record.
    let changed = Signal()

    init(_ runs: [Run]) {
        state = Mutex(State(entries: Dictionary(runs.map { ($0.id, Entry(run: $0)) }) { _, last in last }))
    }

    /// All runs, the oldest first.
    package func all() -> [Run] {
        state.withLock { $0.entries.values.map(\.run) }.sorted { ($0.createdAt, $0.name) < ($1.createdAt, $1.name) }
    }

    func entry(_ id: RunID) -> Entry? { state.withLock { $0.entries[id] } }

    func runs(of app: AppName) -> [Run] {
        state.withLock { $0.entries.values.map(\.run).filter { $0.app == app } }
    }

    func entries(on host: HostName) -> [Entry] {
        state.withLock { $0.entries.values.filter { $0.run.host == host } }
    }

    /// How many runs the host has, by status.
    package func counts(on host: HostName) -> (running: Int, finished: Int) {
        let entries = entries(on: host)
        let running = entries.count { $0.run.state.status == .running }
        return (running, entries.count - running)
    }
}

// For the one who is at starting or removing a run.
extension LiveRuns {
    /// Adds a run that the caller is at starting, and owns until ``release(_:)``.
    func addOwned(_ run: Run) {
        state.withLock { $0.entries[run.id] = Entry(run: run, isOwned: true) }
    }

    /// Makes the caller the owner of those of `runs` that nobody owns, and returns them.
    func own(_ runs: [Run]) -> [Run] {
        state.withLock { state in
            runs.filter { run in
                guard let entry = state.entries[run.id], !entry.isOwned else { return false }
                state.entries[run.id]?.isOwned = true
                return true
            }
        }
    }

    /// Ends the caller's ownership.
    ///
    /// What the engine said in the meantime was passed over, so have it asked again.
    func release(_ id: RunID) {
        state.withLock { state in
            state.entries[id]?.isOwned = false
            state.entries[id]?.revision += 1
        }
    }

    /// Puts what `change` makes of the run in its place.
    ///
    /// - Parameter isRecorded: whether the caller has recorded it already.
    /// - Returns: the run after it; nil if it is gone.
    @discardableResult
    func update(_ id: RunID, isRecorded: Bool = false, _ change: (Run) -> Run) -> Run? {
        let updated = state.withLock { $0.replace(id, isRecorded: isRecorded, change) }
        if !isRecorded { changed.send() }
        return updated
    }

    func remove(_ runs: Set<RunID>) {
        state.withLock { state in
            for id in runs {
                state.entries[id] = nil
                state.unrecorded.remove(id)
            }
        }
    }
}

// For the mirror.
extension LiveRuns {
    enum Settled: Sendable {
        case done
        /// Something has happened to the run since the engine was asked: ask again.
        case outdated
        /// Remove the container, then ``update(_:isRecorded:_:)`` the run to this.
        case removal(Run)
    }

    /// Settles the run by what the engine was found to say after the run was at `revision`.
    func settle(_ id: RunID, revision: Int, found: Observation?, now: Timestamp) -> Settled {
        let (settled, isChanged) = state.withLock { state -> (Settled, Bool) in
            guard let entry = state.entries[id], !entry.isOwned else { return (.done, false) }
            guard entry.revision == revision else { return (.outdated, false) }
            switch Settlement(of: entry.run, found: found, now: now) {
            case .nothing: return (.done, false)
            case .remove(let run): return (.removal(run), false)
            case .record(let run):
                state.replace(id, isRecorded: false) { _ in run }
                return (.done, true)
            }
        }
        if isChanged { changed.send() }
        return settled
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
    @discardableResult
    fileprivate mutating func replace(_ id: RunID, isRecorded: Bool, _ change: (Run) -> Run) -> Run? {
        guard var entry = entries[id] else { return nil }
        entry.run = change(entry.run)
        entry.revision += 1
        entries[id] = entry
        if !isRecorded { unrecorded.insert(id) }
        return entry.run
    }
}
