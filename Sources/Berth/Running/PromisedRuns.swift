import ServiceLifecycle

/// Starts the runs that were promised before they were started: those of this process and those that an earlier one left.
struct PromisedRuns: Service {
    let runner: Runner

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    for run in runner.runs.takeOwed(on: runner.hosts.connected) {
                        group.addTask { await runner.keepPromise(run) }
                    }
                    // What an engine left open is tried again, also when nothing tells that it could succeed now.
                    await runner.runs.owed.wait(atMost: .seconds(10))
                }
                group.cancelAll()
            }
        }
    }
}
