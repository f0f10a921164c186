import DockerEngine
import Logging

/// Starts and removes runs: carries out what ``RunPlan`` decides.
package struct Runner: Sendable {
    let store: Store
    let runs: LiveRuns
    let hosts: Hosts
    let logger: Logger

    /// Starts one container of the app's current release.
    ///
    /// Post-condition: it was started, and that is recorded.
    ///
    /// - Throws: `BerthError`; then either no container is left, or its message says that this is not known yet.
    package func start(_ app: AppName) async throws -> Run {
        let host = hosts.defaultHost
        // Before anything is recorded, so that a run that cannot be leaves no trace.
        guard try await store.app(app) != nil else { throw BerthError.appNotFound(app) }
        let engine = try await host.connectedEngine()
        guard let intent = try await store.recordIntent(of: app, on: host.name, at: .now()) else {
            throw BerthError.appNotFound(app)
        }
        runs.addOwned(intent.run)
        defer { release(intent.run) }
        FaultPoint.afterRecord.reach()
        return try await RunStart(run: intent.run, settings: intent.settings, host: host, engine: engine, runner: self)
            .carryOut()
    }

    /// Stops these runs' containers if they run, and removes them.
    ///
    /// Post-condition: they are gone.
    ///
    /// - Throws: `BerthError` when a host is away or its engine says no.
    func remove(_ runs: [Run]) async throws {
        let owned = self.runs.own(runs)
        defer { for run in owned { release(run) } }
        guard owned.count == runs.count else {
            throw BerthError(
                .appHasRunningContainers,
                "A container of this app is being started or removed right now. Try again in a moment.",
                retryAfter: 1
            )
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, run) in owned.enumerated() {
                if index >= 16 { try await group.next() }
                group.addTask { try await remove(run) }
            }
            try await group.waitForAll()
        }
    }

    /// Gives the run back to the mirror, which passed over what the engine said in the meantime.
    private func release(_ run: Run) {
        runs.release(run.id)
        try? hosts.host(run.host).dirty.mark(run.id)
    }

    private func remove(_ run: Run) async throws {
        // A host that is no longer configured cannot be asked; its runs are only records by now.
        guard let host = try? hosts.host(run.host) else { return }
        let hasContainer = run.containerID != nil && run.state != .removed && run.state != .lost
        guard hasContainer || run.state.isBeingStarted else { return }
        let engine = try await host.connectedEngine()
        do {
            guard let container = try await container(of: run, on: engine) else { return }
            if run.state.status == .running { try await engine.stopContainer(container) }
            FaultPoint.beforeRemove.reach()
            try await engine.removeContainer(container, force: true)
            FaultPoint.afterRemove.reach()
        } catch let error as EngineError where error.isNotFound {
            // Somebody else was faster.
        } catch let error as EngineError {
            throw BerthError(error, of: host.name, doing: "\(run.name) could not be removed")
        }
        runs.update(run.id) { run in
            var run = run
            if run.state.status == .running { run.finishedAt = .now() }
            run.state = .removed
            return run
        }
    }

    private func container(of run: Run, on engine: Engine) async throws -> ContainerID? {
        if let container = run.containerID { return container }
        let found = try await engine.containers(labels: ["\(ContainerLabels.runLabel)=\(run.id)"])
        return found.first { $0.names?.contains("/\(run.name)") == true }?.id
    }
}

/// One run on its way from its record to its container.
private struct RunStart {
    let run: Run
    let settings: AppSettings
    let host: HostConnection
    let engine: Engine
    let runner: Runner

    func carryOut() async throws -> Run {
        var plan = RunPlan()
        var step = plan.first
        while true {
            if case .end(let end) = step { return try await finish(end) }
            step = plan.next(after: try await outcome(of: step))
        }
    }

    /// - Throws: what is no error of the engine's. The run is left as it is then, and settled by the mirror.
    private func outcome(of step: RunPlan.Step) async throws -> RunPlan.Outcome {
        do {
            return try await carryOut(step)
        } catch let error as EngineError {
            return .error(error)
        }
    }

    private func carryOut(_ step: RunPlan.Step) async throws -> RunPlan.Outcome {
        switch step {
        case .create:
            FaultPoint.beforeCreate.reach()
            let run = note { $0.state = .starting }
            let spec = ContainerSpec(of: run, settings: settings, instance: runner.store.instance)
            let container = try await engine.createContainer(named: run.name.description, from: spec)
            FaultPoint.afterCreate.reach()
            note { $0.containerID = container }
            return .created(container)
        case .pull:
            note { $0.state = .pulling }
            try await host.pulls.pull(settings.image)
        case .rename:
            let name = try await runner.store.rename(run)
            note { $0.name = name }
        case .start(let container):
            FaultPoint.beforeStart.reach()
            try await engine.startContainer(container)
            FaultPoint.afterStart.reach()
        case .remove(let container):
            try await engine.removeContainer(container, force: true)
        case .end: break
        }
        return .done
    }

    private func finish(_ end: RunPlan.End) async throws -> Run {
        switch end {
        case .started:
            let started = note { $0.state = .running }
            FaultPoint.beforeRecordStarted.reach()
            await record(started)
            FaultPoint.afterRecordStarted.reach()
            return started
        case .failed(let error):
            let problem = BerthError(error, of: host.name, doing: "\(current.name) could not be started")
            await record(note { $0 = $0.failed(because: error.reason, at: .now()) })
            throw problem
        case .open(let error):
            throw BerthError(
                error,
                of: host.name,
                doing: "It is not known yet whether \(current.name) was started; GET /apps/containers will tell"
            )
        }
    }

    /// The intent is on disk already and tells the engine's container, so that a store that is away now takes nothing
    /// back.
    private func record(_ run: Run) async {
        do {
            try await runner.store.update([run])
        } catch {
            runner.logger.error("A run will be recorded later.", metadata: ["run": "\(run.name)", "error": "\(error)"])
            runner.runs.update(run.id) { $0 }
        }
    }

    private var current: Run { runner.runs.entry(run.id)?.run ?? run }

    /// Changes the run in memory; what has to be recorded is, by ``finish(_:)``.
    @discardableResult
    private func note(_ change: (inout Run) -> Void) -> Run {
        let changed = runner.runs.update(run.id, isRecorded: true) { run in
            var run = run
            change(&run)
            return run
        }
        return changed ?? run
    }
}

extension BerthError {
    /// What an engine's error means for the one who asked.
    init(_ error: EngineError, of host: HostName, doing action: String) {
        switch error {
        case .unreachable:
            self.init(
                .hostUnreachable,
                "\(action): the host \(host) cannot be reached (\(error.reason)).",
                retryAfter: 5
            )
        case .timedOut:
            self.init(.engineTimeout, "\(action): \(error.reason) on \(host).")
        case .status, .undecodable:
            self.init(.engineError, "\(action): \(error.reason)")
        case .busy:
            self.init(.hostBusy, "\(action): too much is asked of the host \(host) at once.", retryAfter: 1)
        }
    }
}

extension EngineError {
    /// The engine's own words where it said something.
    var reason: String {
        if case .status(_, let message) = self { message } else { description }
    }
}
