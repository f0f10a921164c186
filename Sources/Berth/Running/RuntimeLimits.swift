import Logging
import ServiceLifecycle

/// Stops runs whose maximum runtime is over.
struct RuntimeLimits: Service {
    let runner: Runner
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    for run in overdue() { group.addTask { await stop(run) } }
                    try? await Task.sleep(for: .seconds(1))
                }
                group.cancelAll()
            }
        }
    }

    /// By the clock of each run's host, which also reported the start time.
    private func overdue() -> [Run] {
        runner.runs.limited().filter { run in
            guard let limit = run.maxRuntime, let start = run.startedAt,
                let now = try? runner.hosts.host(run.host).engineTime
            else { return false }
            return start <= now.before(.seconds(limit))
        }
    }

    private func stop(_ run: Run) async {
        guard (try? runner.hosts.host(run.host))?.status.state == .connected else { return }
        do {
            _ = try await runner.perform(.stop, on: run.name)
            runner.runs.update(run.id) { $0.stopped(after: run.maxRuntime ?? 0) }
        } catch {
            logger.notice(
                "A run that exceeded its max_runtime could not be stopped; retrying.",
                metadata: ["berth.run": "\(run.name)", "error.message": "\(error)"]
            )
        }
    }
}

extension Run {
    fileprivate func stopped(after seconds: Int) -> Run {
        guard state == .exited else { return self }
        var run = self
        run.reason = "It was stopped after its max_runtime of \(seconds) s."
        return run
    }
}
