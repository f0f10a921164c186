import DockerEngine
import Logging
import ServiceLifecycle
import Synchronization

/// Keeps the last part of each run's output when the run has finished, because its container may be removed at any time,
/// also by others.
struct LogKeeper: Service {
    let logs: Logs
    let runs: RunCache
    let store: Store
    let logger: Logger

    /// How many logs of one host are read at once.
    private static let parallel = 4
    /// How many runs may wait to be read.
    private static let maximumWaiting = 10_000

    /// The places to read on each host, so that a slow host delays no other.
    private let places = Places()

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await runs.feed.withReader(after: runs.feed.last) { reader in await follow(&reader) }
            }
        }
    }

    private func follow(_ reader: inout ChangeReader) async {
        await withDiscardingTaskGroup { group in
            // Those that finished while nobody looked: before this start, or in a burst that the feed has forgotten.
            let missed = (try? await store.runsWithoutLog(limit: Self.maximumWaiting)) ?? []
            for id in missed {
                if let run = runs.entry(id)?.run { group.addTask(priority: .utility) { await keep(run) } }
            }
            while true {
                switch await reader.next(within: .seconds(3600)) {
                case .changes(let changes):
                    for run in changes.compactMap(\.finishedRun) where places.waiting < Self.maximumWaiting {
                        group.addTask(priority: .utility) { await keep(run) }
                    }
                case .quiet: continue
                case .missed, .end: return
                }
            }
        }
    }

    private func keep(_ run: Run) async {
        do {
            try await places.take(on: run.host, permits: Self.parallel) {
                let container = run.state == .exited ? run.containerID : nil
                try await logs.keep(run, of: container, within: .seconds(60))
            }
        } catch {
            logger.debug(
                "The output of a run was not kept.",
                metadata: ["berth.run": "\(run.name)", "error.message": "\(error)"]
            )
        }
    }

    private final class Places: Sendable {
        private struct State {
            var semaphores: [HostName: AsyncSemaphore] = [:]
            var waiting: [HostName: Int] = [:]
        }

        private let state = Mutex(State())

        var waiting: Int { state.withLock { $0.waiting.values.reduce(0, +) } }

        func take(on host: HostName, permits: Int, _ body: () async throws -> Void) async throws {
            let semaphore = state.withLock { state in
                let semaphore = state.semaphores[host] ?? AsyncSemaphore(permits: permits)
                state.semaphores[host] = semaphore
                state.waiting[host, default: 0] += 1
                return semaphore
            }
            defer { leave(host) }
            try await semaphore.withPermit(timeout: .seconds(3600), body)
        }

        private func leave(_ host: HostName) {
            state.withLock { state in
                let others = state.waiting[host, default: 1] - 1
                state.waiting[host] = others > 0 ? others : nil
                if others == 0 { state.semaphores[host] = nil }
            }
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
