/// Reads of runs.
///
/// All are served from memory: none waits for a host or for the database.
package struct Runs: Sendable {
    let live: RunCache

    /// At most `limit` runs before `position` that match `filter`, newest first.
    package func list(_ filter: RunFilter, before position: RunPosition?, limit: Int) -> RunPage {
        live.page(filter, before: position, limit: limit)
    }

    /// All runs, or those of one app, oldest first.
    package func all(of app: AppName? = nil) -> RunPage { live.everything(of: app) }

    /// The version of the result of ``all(of:)``: while it stays the same, so does the result.
    package var version: Int { live.version }

    /// - Throws: `BerthError` `runNotFound`.
    package func get(_ name: RunName) throws(BerthError) -> RunView {
        guard let run = live.view(of: name) else { throw BerthError.runNotFound(name) }
        return run
    }

    /// Waits until the run has reached `goal`, at most for `limit`.
    ///
    /// - Returns: the run; nil if it has not reached the goal in time.
    /// - Throws: `BerthError` `runNotFound`, also when its record is deleted meanwhile; `CancellationError`.
    package func wait(for name: RunName, until goal: RunGoal, atMost limit: Duration) async throws -> RunView? {
        guard let id = live.entry(named: name)?.run.id else { throw BerthError.runNotFound(name) }
        let end = ContinuousClock.now + limit
        return try await live.watching(id) { watcher in
            while true {
                guard let run = live.entry(id)?.run else { throw BerthError.runNotFound(name) }
                if goal.isReached(in: run.state) { return try get(run.name) }
                let now = ContinuousClock.now
                guard now < end else { return nil }
                await watcher.wait(atMost: end - now)
                try Task.checkCancellation()
            }
        }
    }
}

/// A condition to wait for.
package enum RunGoal: String, Sendable, CaseIterable {
    /// The run has been started, or never will be.
    case started
    case finished

    func isReached(in state: RunState) -> Bool {
        switch self {
        case .started: !state.isBeingStarted
        case .finished: state.status == .finished
        }
    }
}
