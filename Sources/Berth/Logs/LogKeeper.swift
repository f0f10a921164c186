import DockerEngine
import Logging
import ServiceLifecycle
import Synchronization

/// Keeps the last part of each run's output when the run has finished, because its container may be removed at any time,
/// also by others.
final class LogKeeper: Service {
    private let logs: Logs
    private let runs: RunCache
    private let store: Store
    private let logger: Logger
    private let waiting = Mutex<Set<RunID>>([])

    /// How many logs of one host are read at once, so that a slow host delays no other.
    private static let parallel = 4
    /// How many runs may wait to be read.
    private static let maximumWaiting = 10_000

    init(logs: Logs, runs: RunCache, store: Store, logger: Logger) {
        self.logs = logs
        self.runs = runs
        self.store = store
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            try? await self.runs.feed.withReader(after: self.runs.feed.last) { reader in await self.follow(&reader) }
        }
    }

    private func follow(_ reader: inout ChangeReader) async {
        var semaphores: [HostName: AsyncSemaphore] = [:]
        await withDiscardingTaskGroup { group in
            func keep(_ run: Run) {
                guard wait(for: run.id) else { return }
                let semaphore = semaphores[run.host] ?? AsyncSemaphore(permits: Self.parallel)
                semaphores[run.host] = semaphore
                group.addTask(priority: .utility) { await semaphore.withPermit { await self.keep(run) } }
            }
            // Those that finished while nobody looked: before this start, or in a burst that the feed has forgotten.
            for run in await missedRuns() { keep(run) }
            while true {
                switch await reader.next(within: .seconds(3600)) {
                case .changes(let changes): for run in changes.compactMap(\.finishedRun) { keep(run) }
                case .quiet: continue
                case .missed:
                    reader.position = runs.feed.last
                    for run in await missedRuns() { keep(run) }
                case .end: return
                }
            }
        }
    }

    private func missedRuns() async -> [Run] {
        let missed = (try? await store.runsWithoutLog(limit: Self.maximumWaiting)) ?? []
        return missed.compactMap { runs.entry($0)?.run }
    }

    /// Whether it may wait: it does not wait yet, and there are not too many.
    private func wait(for run: RunID) -> Bool {
        waiting.withLock { $0.count < Self.maximumWaiting && $0.insert(run).inserted }
    }

    private func keep(_ run: Run) async {
        // If it finishes again from now on, it is read again.
        waiting.withLock { _ = $0.remove(run.id) }
        do {
            let container = run.state == .exited ? run.containerID : nil
            try await logs.keep(run, of: container, within: .seconds(60))
        } catch {
            logger.debug(
                "The output of a run was not kept.",
                metadata: ["berth.run": "\(run.name)", "error.message": "\(error)"]
            )
        }
    }
}

extension Change {
    /// The run, if it has just finished or its container is gone.
    fileprivate var finishedRun: Run? {
        guard case .run(let run, _) = subject, run.state.status == .finished, run.startedAt != nil else { return nil }
        return run
    }
}
