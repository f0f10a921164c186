/// Which runs are wanted; nil stands for any.
package struct RunFilter: Sendable, Hashable {
    package var name: RunName?
    package var app: AppName?
    package var host: HostName?
    package var state: RunState?
    package var status: RunStatus?

    package init() {}

    package func matches(_ run: Run) -> Bool {
        (name == nil || run.name == name) && (app == nil || run.app == app) && (host == nil || run.host == host)
            && (state == nil || run.state == state) && (status == nil || run.state.status == status)
    }
}

/// The place of a run in the list, which no other run's coming or going changes.
package struct RunPosition: Sendable, Comparable, Hashable {
    package let createdAt: Timestamp
    package let id: RunID

    package init(createdAt: Timestamp, id: RunID) {
        self.createdAt = createdAt
        self.id = id
    }

    package init(of run: Run) { self.init(createdAt: run.createdAt, id: run.id) }

    package static func < (left: RunPosition, right: RunPosition) -> Bool {
        left.createdAt == right.createdAt
            ? left.id.description < right.id.description : left.createdAt < right.createdAt
    }
}

/// A part of a list of runs.
package struct RunPage: Sendable {
    package let runs: [RunView]
    /// Where the next page goes on; nil on the last one.
    package let next: RunPosition?
    /// Tells this page from any other that this process has answered to the same question.
    ///
    /// Not from one that differs only in when its runs were last seen.
    package let tag: Int
    /// Of all runs when it was made: as long as it stays, so does the page, times of seeing included.
    package let version: Int
}
