import DockerEngine
import Logging

/// One run on its way from its record to its container.
///
/// The caller owns it.
struct RunStart: Sendable {
    let intent: Store.Intent
    let host: HostConnection
    let engine: Engine
    let runner: Runner

    private var run: Run { intent.run }

    /// - Throws: what is no error of the engine's. The run is left as it is then, and settled by the mirror.
    func begin() async throws -> RunOutcome {
        try await carryOut(RunPlan(pullsFirst: intent.settings.pull == .always))
    }

    private func carryOut(_ plan: RunPlan) async throws -> RunOutcome {
        var plan = plan
        var step = plan.first
        while true {
            if case .end(let end) = step { return await finish(end) }
            do {
                step = plan.next(after: try await outcome(of: step))
            } catch is StartCancelled {
                step = plan.cancel()
            }
        }
    }

    /// Goes on where an earlier attempt has ended: what was started is not started again.
    ///
    /// - Throws: `EngineError`, and what ``begin()`` throws.
    func resume() async throws -> RunOutcome {
        guard let container = try await runner.container(of: run, on: engine),
            let found = try await observation(of: container)
        else { return try await begin() }
        guard found.phase != .created else { return try await carryOut(RunPlan(found: container)) }
        let started = runner.runs.update(run.id, callerRecords: true, observedAt: .now()) { $0.after(found) } ?? run
        await record(started)
        return RunOutcome(run: started, error: nil)
    }

    private func observation(of container: ContainerID) async throws -> Observation? {
        do {
            return Observation(try await engine.container(container))
        } catch let error as EngineError where error.isNotFound {
            return nil
        }
    }

    /// - Throws: ``StartCancelled`` before a step that a run needs which nobody wants any more.
    private func outcome(of step: RunPlan.Step) async throws -> RunPlan.Outcome {
        do {
            if runner.runs.entry(run.id)?.isCancelled == true, !step.isRemoval { throw StartCancelled() }
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
            let spec = ContainerSpec(of: run, settings: intent.settings, instance: runner.store.instance)
            let container = try await measuring(.create) {
                guard let network = intent.settings.network else {
                    return try await engine.createContainer(named: run.name.description, from: spec)
                }
                return try await host.networks.with(network, on: engine, instance: runner.store.instance) {
                    try await engine.createContainer(named: run.name.description, from: spec)
                }
            }
            FaultPoint.afterCreate.reach()
            note { $0.containerID = container }
            return .created(container)
        case .pull:
            note { $0.state = .pulling }
            try await measuring(.pull) {
                try await runner.runs.unlessCancelled(run.id) { try await host.pulls.pull(intent.settings.image) }
            }
        case .rename:
            if let container = try await runner.container(of: current, on: engine) { return .created(container) }
            let name = try await runner.store.rename(run)
            note { $0.name = name }
        case .start(let container):
            note { $0.containerID = container }
            FaultPoint.beforeStart.reach()
            try await measuring(.start) { try await engine.startContainer(container) }
            FaultPoint.afterStart.reach()
        case .remove(let container):
            try await engine.removeContainer(container, force: true)
        case .end: break
        }
        return .done
    }

    private func finish(_ end: RunPlan.End) async -> RunOutcome {
        switch end {
        case .started:
            let started = await withPorts(note { $0.state = .running })
            FaultPoint.beforeRecordStarted.reach()
            await record(started)
            FaultPoint.afterRecordStarted.reach()
            return RunOutcome(run: started, error: nil)
        case .failed(let error):
            let problem = BerthError(error, of: host.name, doing: "\(current.name) could not be started")
            let failed = note { $0 = $0.failed(because: error.reason, at: .now()) }
            runner.runs.metrics.failed(run.app, because: error.failureReason)
            await record(failed)
            return RunOutcome(run: failed, error: problem)
        case .cancelled:
            let cancelled = note { $0 = $0.failed(because: "It was stopped before it was started.", at: .now()) }
            runner.runs.metrics.failed(run.app, because: "cancelled")
            await record(cancelled)
            let problem = BerthError(.runStateConflict, "\(current.name) was stopped before it was started.")
            return RunOutcome(run: cancelled, error: problem)
        case .open(let error):
            let problem = BerthError(
                error,
                of: host.name,
                doing: "It is not known yet whether \(current.name) was started; GET /v1/runs/\(current.name) will tell"
            )
            return RunOutcome(run: current, error: problem)
        }
    }

    /// The started run with the ports that the engine has published, where some were asked for.
    private func withPorts(_ started: Run) async -> Run {
        guard !intent.settings.ports.list.isEmpty, let container = started.containerID,
            let found = try? await observation(of: container)
        else { return started }
        return note { $0 = $0.after(found) }
    }

    /// The intent is on disk already and tells the engine's container, so that a store that is away now takes nothing
    /// back.
    private func record(_ run: Run) async {
        do {
            try await runner.store.update([run])
        } catch {
            runner.logger.error(
                "A run will be recorded later.",
                metadata: ["berth.run": "\(run.name)", "error.message": "\(error)"]
            )
            runner.runs.update(run.id) { $0 }
        }
    }

    /// Counts what succeeded; what did not is among the failed runs.
    private func measuring<Result>(_ phase: RunPhase, _ step: () async throws -> Result) async throws -> Result {
        let start = ContinuousClock.now
        let result = try await step()
        runner.runs.metrics.took(.now - start, for: phase)
        return result
    }

    private var current: Run { runner.runs.entry(run.id)?.run ?? run }

    /// Changes the run in memory; what has to be recorded is, by ``finish(_:)``.
    @discardableResult
    private func note(_ change: (inout Run) -> Void) -> Run {
        let changed = runner.runs.update(run.id, callerRecords: true) { run in
            var run = run
            change(&run)
            return run
        }
        return changed ?? run
    }
}

extension RunPlan.Step {
    fileprivate var isRemoval: Bool { if case .remove = self { true } else { false } }
}

extension EngineError {
    /// Why a run could not be started, in a word for whoever counts.
    fileprivate var failureReason: String {
        switch self {
        case .status(404, _): "image_not_found"
        case .status(409, _): "conflict"
        case .status(400..<500, _): "refused"
        case .status, .undecodable: "engine_error"
        case .timedOut: "engine_timeout"
        case .unreachable: "host_unreachable"
        case .busy: "host_busy"
        }
    }
}
