/// The runs to select; nil matches any.
package struct RunFilter: Sendable, Hashable {
    package var name: RunName?
    package var app: AppName?
    package var host: HostName?
    package var state: RunState?
    package var status: RunStatus?
    /// The apps whose runs the reader may see.
    package let scope: AppScope

    package init(in scope: AppScope) { self.scope = scope }

    package func matches(_ run: Run) -> Bool { hasFields(of: run) && scope.contains(run.app) }

    /// Whether the run matches, apart from the scope.
    func hasFields(of run: Run) -> Bool {
        (name == nil || run.name == name) && (app == nil || run.app == app) && (host == nil || run.host == host)
            && (state == nil || run.state == state) && (status == nil || run.state.status == status)
    }
}

/// The position of a run in the list, which does not depend on other runs.
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
    /// Where the next page starts; nil on the last one.
    package let next: RunPosition?
    /// Distinguishes this page from any other response of this process to the same query.
    ///
    /// Pages that differ only in the times of the engines' last reports have the same tag.
    package let tag: Int
    /// The version of all runs when the page was made: while it stays the same, so does the page, including those
    /// times.
    package let version: Int
}
