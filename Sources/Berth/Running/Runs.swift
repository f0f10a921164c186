/// Reads of runs, all from memory: none waits for a host or for the database.
package struct Runs: Sendable {
    let live: LiveRuns
    let hosts: Hosts

    /// At most `limit` runs that `filter` wants, the newest first, those before `position`.
    package func list(_ filter: RunFilter, before position: RunPosition?, limit: Int) -> [RunView] {
        let connected = hosts.connected
        let wanted = live.entries { entry in
            filter.matches(entry.run) && position.map { RunPosition(of: entry.run) < $0 } ?? true
        }
        let page = wanted.sorted { RunPosition(of: $0.run) > RunPosition(of: $1.run) }.prefix(limit)
        return page.map { RunView($0, isStale: !connected.contains($0.run.host)) }
    }

    /// - Throws: `BerthError` `run_not_found`.
    package func get(_ name: RunName) throws(BerthError) -> RunView {
        guard let entry = live.entry(named: name) else { throw BerthError.runNotFound(name) }
        return RunView(entry, isStale: !hosts.connected.contains(entry.run.host))
    }

    /// All runs, the oldest first.
    package func all() -> [Run] { live.all() }
}

/// A run as it is shown: what is known, and how sure that is.
package struct RunView: Sendable, Equatable {
    package let run: Run
    /// When its engine last said how it is; nil where it has not yet.
    package let observedAt: Timestamp?
    /// Whether its host is away, so that it may be otherwise by now.
    package let isStale: Bool
}

extension RunView {
    init(_ entry: LiveRuns.Entry, isStale: Bool) {
        self.init(run: entry.run, observedAt: entry.observedAt, isStale: isStale)
    }
}

/// Which runs are wanted; nil stands for any.
package struct RunFilter: Sendable {
    package var app: AppName?
    package var host: HostName?
    package var state: RunState?
    package var status: RunStatus?

    package init() {}

    func matches(_ run: Run) -> Bool {
        (app == nil || run.app == app) && (host == nil || run.host == host) && (state == nil || run.state == state)
            && (status == nil || run.state.status == status)
    }
}

/// The place of a run in the list, which no other run's coming or going changes.
package struct RunPosition: Sendable, Comparable {
    package let createdAt: Timestamp
    package let id: RunID

    package init(createdAt: Timestamp, id: RunID) {
        self.createdAt = createdAt
        self.id = id
    }

    package init(of run: Run) { self.init(createdAt: run.createdAt, id: run.id) }

    package static func < (left: RunPosition, right: RunPosition) -> Bool {
        (left.createdAt, left.id.description) < (right.createdAt, right.id.description)
    }
}
