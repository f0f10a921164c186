import DockerEngine

// For tasks that wait for a run.
extension RunCache {
    /// Waits until the run has reached `goal`, at most for `limit`.
    ///
    /// - Returns: the run; nil if it has not reached the goal in time.
    /// - Throws: `BerthError` `runNotFound`, also when its record is deleted meanwhile; `CancellationError`.
    package func wait(for name: RunName, until goal: RunGoal, atMost limit: Duration) async throws -> RunView? {
        guard let id = entry(named: name)?.run.id else { throw BerthError.runNotFound(name) }
        let end = ContinuousClock.now + limit
        return try await watching(id) { watcher in
            while true {
                guard let run = entry(id)?.run else { throw BerthError.runNotFound(name) }
                if goal.isReached(in: run.state) { return try get(run.name) }
                let now = ContinuousClock.now
                guard now < end else { return nil }
                await watcher.wait(atMost: end - now)
                try Task.checkCancellation()
            }
        }
    }

    /// Runs `body`, and cancels it if the run's start is cancelled first.
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

    /// Returns when the run is unlocked, or after `limit`.
    func waitUntilFree(_ id: RunID, atMost limit: Duration) async {
        let end = ContinuousClock.now + limit
        await watching(id) { watcher in
            while entry(id)?.isLocked == true, end > .now { await watcher.wait(atMost: end - .now) }
        }
    }

    /// Sends `watcher` at each change of the run until `body` ends.
    func watching<Result>(_ id: RunID, _ body: (Wakeup) async throws -> Result) async rethrows -> Result {
        let watcher = Wakeup()
        withState { $0.watchers[id, default: [:]][ObjectIdentifier(watcher)] = watcher }
        defer { withState { $0.unwatch(id, watcher) } }
        return try await body(watcher)
    }
}

/// The start of a run was cancelled.
struct StartCancelled: Error {}

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
