import ServiceLifecycle
import Synchronization

/// Starts the runs that were promised before they were started: those of this process and those that an earlier one left.
final class QueuedRuns: Service {
    private let runner: Runner
    private let underWay = Mutex(0)

    /// So many are started at a time.
    private static let width = 16

    init(runner: Runner) { self.runner = runner }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    for run in self.take() { group.addTask { await self.start(run) } }
                    // What an engine left open is tried again, also when nothing tells that it could succeed now.
                    await self.runner.runs.queued.wait(atMost: .seconds(10))
                }
                group.cancelAll()
            }
        }
    }

    /// The oldest that are queued, as many as there is room for.
    private func take() -> [Run] {
        underWay.withLock { underWay in
            let runs = runner.runs.lockQueued(limit: Self.width - underWay)
            underWay += runs.count
            return runs
        }
    }

    private func start(_ run: Run) async {
        await runner.resume(run)
        underWay.withLock { $0 -= 1 }
        runner.runs.queued.send()
    }
}
