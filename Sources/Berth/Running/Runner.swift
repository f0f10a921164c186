import DockerEngine
import Logging

/// Starts, changes and removes the containers of runs.
package struct Runner: Sendable {
    let store: Store
    let runs: RunCache
    let hosts: Hosts
    let logs: Logs
    let policies: Policies
    let secrets: Secrets
    let logger: Logger

    /// Unlocks the run and has it reconciled, since reports from the engine were ignored while it was locked.
    func unlock(_ run: Run) {
        runs.unlock(run.id)
        try? hosts.host(run.host).reconcileQueue.add(run.id)
    }

    /// The container that carries the run's label and its name.
    func container(of run: Run, on engine: Engine) async throws -> ContainerID? {
        if let container = run.containerID { return container }
        let found = try await engine.containers(labels: ["\(ContainerLabels.runLabel)=\(run.id)"])
        return found.first { $0.names?.contains("/\(run.name)") == true }?.id
    }
}
