/// Which runs of an app a follower of its output reads, and from where.
///
/// Pure: no I/O, no clock.
struct FollowedRuns: Sendable {
    /// A run whose output is to be read from now on.
    struct Start: Sendable {
        let id: RunID
        let name: RunName
        let query: LogQuery
        /// The last record that was read before.
        let position: LogPosition?
        /// What its reader gets first.
        let notice: LogItem?
    }

    private struct Known {
        enum Phase {
            case read
            case waiting
            case followed
        }

        let name: RunName
        var startedAt: Timestamp?
        var query: LogQuery
        var position: LogPosition?
        var notice: LogItem?
        var phase = Phase.read
    }

    private let query: LogQuery
    private let maximum: Int
    private var known: [RunID: Known] = [:]
    /// The next one is the last.
    private var waiting: [RunID] = []
    private(set) var count = 0

    /// - Parameters:
    ///   - query: what is asked of runs that start later.
    ///   - maximum: how many are followed at once; others wait until one of them has ended.
    init(_ query: LogQuery, maximum: Int) {
        var query = query
        query.tail = nil
        self.query = query
        self.maximum = maximum
    }

    /// Whether none of them can have new output that is asked for.
    func isPast(at now: Timestamp) -> Bool { query.isPast(at: now) }

    /// Adds a run whose output was read up to `position`; nil if nothing was.
    mutating func add(_ run: Run, _ query: LogQuery, after position: LogPosition?) {
        add(run, Known(name: run.name, startedAt: run.startedAt, query: query, position: position))
    }

    /// Adds a run that was not read.
    ///
    /// If it is ever followed, only its new output is.
    mutating func addLeftOut(_ run: Run) {
        var query = query
        (query.tail, query.since) = (0, nil)
        add(run, Known(name: run.name, startedAt: run.startedAt, query: query, notice: .gap))
    }

    private mutating func add(_ run: Run, _ state: Known) {
        known[run.id] = state
        if run.state.status == .running { wait(for: run.id) }
    }

    private mutating func wait(for id: RunID) {
        known[id]?.phase = .waiting
        waiting.append(id)
    }

    /// A run that has started, at first or again, is read.
    mutating func update(_ run: Run) {
        guard run.state.hasStarted else { return }
        guard let state = known[run.id] else {
            known[run.id] = Known(name: run.name, startedAt: run.startedAt, query: query)
            return wait(for: run.id)
        }
        // The time of the first start may become known while the run is followed.
        let isFirst = state.startedAt == nil
        guard state.startedAt != run.startedAt, isFirst || state.phase != .followed else { return }
        known[run.id]?.startedAt = run.startedAt
        guard state.phase == .read else { return }
        if !isFirst { known[run.id]?.notice = .restarted }
        wait(for: run.id)
    }

    /// A followed run has started again, and still is followed.
    mutating func restarted(_ id: RunID, at time: Timestamp?) { known[id]?.startedAt = time }

    mutating func advance(_ id: RunID, to position: LogPosition) { known[id]?.position = position }

    /// The output of a followed run has ended.
    mutating func ended(_ id: RunID) {
        count -= 1
        known[id]?.phase = .read
    }

    /// The record of a run was deleted.
    mutating func forget(_ id: RunID) {
        guard let state = known[id], state.phase == .read else { return }
        known[id] = nil
    }

    mutating func stopWaiting() { waiting = [] }

    /// The runs to follow now.
    mutating func takeStarts() -> [Start] {
        var starts: [Start] = []
        while count < maximum, let id = waiting.popLast() {
            guard var state = known[id] else { continue }
            starts.append(
                Start(id: id, name: state.name, query: state.query, position: state.position, notice: state.notice)
            )
            (state.phase, state.notice) = (.followed, nil)
            known[id] = state
            count += 1
        }
        return starts
    }
}
