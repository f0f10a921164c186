import DockerEngine
import Logging
import ServiceLifecycle

/// Samples the resource usage of the containers, one after the other, at a rate that bounds the cost for the server and
/// the engines.
struct UsageSampler: Service {
    let usage: AppUsage
    let runs: RunCache
    let hosts: Hosts

    /// How often each container is sampled, if there are few.
    private static let interval = Duration.seconds(15)
    /// The maximum number of samples per second, on all hosts together.
    private static let maximumRate = 25.0

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled { await sampleAll() }
        }
    }

    /// Takes as long as the interval, or longer if there are many containers.
    private func sampleAll() async {
        let unfinished = runs.runs(with: .running)
        usage.keep(Set(unfinished.map(\.id)), of: Set(runs.apps))
        let running = unfinished.filter { $0.containerID != nil && $0.state == .running }
        let pause = max(Self.interval / max(1, running.count), .seconds(1 / Self.maximumRate))
        await withDiscardingTaskGroup { group in
            for run in running {
                group.addTask { await sample(run) }
                try? await Task.sleep(for: pause)
                guard !Task.isCancelled else { return }
            }
        }
        if running.isEmpty { try? await Task.sleep(for: Self.interval) }
    }

    private func sample(_ run: Run) async {
        guard let container = run.containerID, let host = try? hosts.host(run.host),
            host.status.state == .connected
        else { return }
        do {
            usage.add(try await host.connectedEngine().containerUsage(container), of: run)
        } catch {
            usage.noteFailure()
        }
    }
}
