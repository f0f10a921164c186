import Synchronization

/// What has to be looked at again on one host.
///
/// Bounded: too much of it becomes "everything".
///
/// Whoever marks never waits; a mark that comes twice counts once.
final class DirtyRuns: Sendable {
    enum Work: Sendable, Equatable {
        case everything
        case runs(Set<RunID>)
    }

    private static let limit = 10_000

    private let work = Mutex(Work.runs([]))
    private let marked = Signal()

    func mark(_ run: RunID) {
        work.withLock { work in
            guard case .runs(var runs) = work else { return }
            work = .runs([])
            runs.insert(run)
            work = runs.count > Self.limit ? .everything : .runs(runs)
        }
        marked.send()
    }

    func markEverything() {
        work.withLock { $0 = .everything }
        marked.send()
    }

    /// Waits until there is work, and takes it.
    func take() async throws -> Work {
        while true {
            try Task.checkCancellation()
            let taken = work.withLock { work in
                defer { work = .runs([]) }
                return work
            }
            if taken != .runs([]) { return taken }
            await marked.wait()
        }
    }
}
