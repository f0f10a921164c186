import ServiceLifecycle
import Synchronization

/// Starts queued runs, whose requests were answered before the start: those of this process and of earlier ones.
final class QueuedRuns: Service {
    private let runner: Runner
    private let underWay = Mutex(0)

    /// The number of concurrent starts.
    private static let width = 16

    init(runner: Runner) { self.runner = runner }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    for run in self.take() { group.addTask { await self.start(run) } }
                    // Retries starts with an unknown outcome, even without a sign that they could succeed now.
                    await self.runner.runs.queued.wait(atMost: .seconds(10))
                }
                group.cancelAll()
            }
        }
    }

    /// The oldest queued runs, up to the number of free places.
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
