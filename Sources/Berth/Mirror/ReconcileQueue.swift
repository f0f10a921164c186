import Synchronization

/// The runs of one host that have to be reconciled.
///
/// Bounded: too many runs become "everything".
///
/// Adding never waits; a run that is added twice counts once.
final class ReconcileQueue: Sendable {
    enum Work: Sendable, Equatable {
        case everything
        case run(RunID)
    }

    private struct State {
        var runs: Set<RunID> = []
        var isEverything = false
    }

    private static let limit = 10_000

    private let state = Mutex(State())
    private let added = Wakeup()

    func add(_ run: RunID) {
        state.withLock { state in
            guard !state.isEverything else { return }
            state.runs.insert(run)
            if state.runs.count > Self.limit { state = State(isEverything: true) }
        }
        added.send()
    }

    /// The number of queued runs; the limit if everything is queued.
    var count: Int { state.withLock { $0.isEverything ? Self.limit : $0.runs.count } }

    /// Waits until there is work, and takes a piece of it.
    ///
    /// Only one task may wait at a time.
    func take() async throws -> Work {
        while true {
            try Task.checkCancellation()
            if let work = takeNow() { return work }
            await added.wait()
        }
    }

    private func takeNow() -> Work? {
        state.withLock { state in
            if state.isEverything {
                state.isEverything = false
                return .everything
            }
            return state.runs.popFirst().map { .run($0) }
        }
    }
}
