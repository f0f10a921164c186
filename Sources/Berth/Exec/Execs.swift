import DockerEngine

/// Commands in the containers of runs.
package struct Execs: Sendable {
    private let runs: RunCache
    private let hosts: Hosts
    package let sessions: ExecSessions

    init(runs: RunCache, hosts: Hosts, sessions: ExecSessions = ExecSessions()) {
        self.runs = runs
        self.hosts = hosts
        self.sessions = sessions
    }

    /// Has the run's engine accept a command, without starting it.
    ///
    /// - Throws: `BerthError` `runNotFound`, `runDoesNotRun`, `hostNotConnected`, or the engine's error.
    package func prepare(_ request: ExecRequest, in name: RunName) async throws -> PreparedExec {
        guard let run = runs.entry(named: name)?.run else { throw BerthError.runNotFound(name) }
        guard run.state.status == .running, let container = run.containerID else {
            throw BerthError.runDoesNotRun(name, run.state)
        }
        var spec = ExecSpec(command: request.command.words)
        spec.environment = request.variables.environment
        spec.user = request.user
        spec.workingDirectory = request.workingDirectory
        spec.hasTTY = request.terminal != nil
        spec.takesInput = request.takesInput
        let engine = try await hosts.host(run.host).connectedEngine()
        do {
            let id = try await engine.createExec(spec, in: container)
            return PreparedExec(id: id, run: name, host: run.host, engine: engine, terminal: request.terminal)
        } catch let error as EngineError {
            // The engine knows better than the mirror whether the container runs.
            if case .status(let status, _) = error, status == 404 || status == 409 {
                throw BerthError.runDoesNotRun(name, runs.entry(named: name)?.run.state ?? .removed)
            }
            throw BerthError.engine(error, of: run.host, .execute(in: name))
        }
    }
}
