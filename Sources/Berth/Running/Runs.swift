/// Reads of runs, all from memory: none waits for a host or for the database.
package struct Runs: Sendable {
    let live: RunCache

    /// At most `limit` runs that `filter` wants, the newest first, those before `position`.
    package func list(_ filter: RunFilter, before position: RunPosition?, limit: Int) -> RunPage {
        live.page(filter, before: position, limit: limit)
    }

    /// All runs, of one app where it is given, the oldest first.
    package func all(of app: AppName? = nil) -> RunPage { live.everything(of: app) }

    /// Of what ``all(of:)`` answers: as long as it stays, so does that.
    package var version: Int { live.version }

    /// - Throws: `BerthError` `runNotFound`.
    package func get(_ name: RunName) throws(BerthError) -> RunView {
        guard let run = live.view(of: name) else { throw BerthError.runNotFound(name) }
        return run
    }

    /// Waits until the run has come so far, and no longer than `limit`.
    ///
    /// - Returns: the run; nil where it has not.
    /// - Throws: `BerthError` `runNotFound`, also when its record goes away meanwhile; `CancellationError`.
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

/// What one can wait for.
package enum RunGoal: String, Sendable, CaseIterable {
    /// It has been started, or never will be.
    case started
    case finished

    func isReached(in state: RunState) -> Bool {
        switch self {
        case .started: !state.isBeingStarted
        case .finished: state.status == .finished
        }
    }
}
