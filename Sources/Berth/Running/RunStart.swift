import DockerEngine
import Logging

/// Takes one run from its record to its container: gets a step from ``RunPlan``, performs it, and passes the outcome to
/// the plan, which returns the next step.
///
/// The caller holds the run's lock.
struct RunStart: Sendable {
    let intent: Store.Intent
    let host: HostConnection
    let engine: Engine
    let runner: Runner

    private var run: Run { intent.run }

    /// - Throws: errors that are not the engine's. The run then stays as it is, and the mirror reconciles it.
    func begin() async throws -> RunOutcome {
        // Removed after the run was recorded: it must not get a container that nobody watches.
        guard !host.isRemoved else {
            let ended = update { $0 = $0.afterHostRemoved(at: .now()) }
            await record(ended)
            return RunOutcome(run: ended, error: .hostNotFound(host.name))
        }
        return try await follow(RunPlan(pullsFirst: intent.settings.pull == .always))
    }

    /// Continues where an earlier attempt ended; a started container is not started again.
    ///
    /// - Parameter denial: why it must not be started any more; nil if it may.
    /// - Throws: `EngineError`, and what ``begin()`` throws.
    func resume(denial: PolicyDenial? = nil) async throws -> RunOutcome {
        guard let container = try await runner.container(of: run, on: engine),
            let found = try await engine.observation(of: container)
        else {
            guard let denial else { return try await begin() }
            return await finish(.denied(denial))
        }
        guard found.phase != .created else { return try await follow(RunPlan(found: container), denial: denial) }
        let started = runner.runs.update(run.id, callerRecords: true, observedAt: .now()) { $0.after(found) } ?? run
        await record(started)
        return RunOutcome(run: started, error: nil)
    }

    private func follow(_ plan: RunPlan, denial: PolicyDenial? = nil) async throws -> RunOutcome {
        log("A run is started.", ["berth.plan": "\(plan)"])
        var plan = plan
        var step = denial.map { plan.cancel(.denied($0)) } ?? plan.first
        while true {
            log("A step of a run's start.", ["berth.step": "\(step)"])
            if case .end(let end) = step { return await finish(end) }
            do {
                if isCancelled, !step.isRemoval { throw StartCancelled() }
                step = plan.next(after: try await perform(step))
            } catch is StartCancelled {
                step = plan.cancel()
            } catch let error as EngineError {
                step = plan.next(after: .error(hidingSecrets(in: error)))
            } catch let error as BerthError {
                // A secret or a login that cannot be decrypted: there is no container yet.
                return await fail(with: error, reason: error.description, label: "secret_unreadable")
            }
        }
    }

    private func hidingSecrets(in error: EngineError) -> EngineError {
        let secrets = try? runner.secrets.variables(of: intent.secrets)
        return HiddenTexts(secrets?.list.map(\.value) ?? []).hide(in: error)
    }

    private func perform(_ step: RunPlan.Step) async throws -> RunPlan.Outcome {
        switch step {
        case .create:
            FaultPoint.beforeCreate.reach()
            let run = update { $0.state = .starting }
            let spec = ContainerSpec(
                of: run,
                settings: intent.settings,
                secrets: try runner.secrets.variables(of: intent.secrets),
                policy: runner.policies.current,
                logDriver: await host.logDriver(of: engine),
                instance: runner.store.instance
            )
            let container = try await measuring(.create) {
                guard let network = intent.settings.network else {
                    return try await engine.createContainer(named: run.name.description, from: spec)
                }
                return try await host.networks.with(network, on: engine, instance: runner.store.instance) {
                    try await engine.createContainer(named: run.name.description, from: spec)
                }
            }
            FaultPoint.afterCreate.reach()
            update { $0.containerID = container }
            return .created(container)
        case .pull:
            update { $0.state = .pulling }
            try await measuring(.pull) {
                try await runner.runs.unlessCancelled(run.id) { try await host.pulls.pull(intent.settings.image) }
            }
        case .rename:
            if let container = try await runner.container(of: current, on: engine) { return .created(container) }
            let name = try await runner.store.rename(run)
            update { $0.name = name }
        case .start(let container):
            update { $0.containerID = container }
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
            let started = await withPorts(update { $0.state = .running })
            FaultPoint.beforeRecordStarted.reach()
            await record(started)
            FaultPoint.afterRecordStarted.reach()
            return RunOutcome(run: started, error: nil)
        case .failed(let error):
            let problem = BerthError.engine(error, of: host.name, .start(current.name))
            return await fail(with: problem, reason: error.reason, label: error.failureReason)
        case .cancelled:
            let reason = "It was stopped before it was started."
            return await fail(with: .runStartCancelled(current.name), reason: reason, label: "cancelled")
        case .denied(let denial):
            let problem = BerthError.policyDenied(denial)
            return await fail(with: problem, reason: problem.description, label: "denied")
        case .open(let error):
            return RunOutcome(run: current, error: .engine(error, of: host.name, .startOfUnknownOutcome(current.name)))
        }
    }

    /// Records that the run has failed; if its container could not be removed, the mirror finds it by its label and name.
    ///
    /// - Parameter label: the reason in metrics.
    private func fail(with error: BerthError, reason: String, label: String) async -> RunOutcome {
        let failed = update { run in
            run = run.failed(because: reason, at: .now())
            run.containerID = nil
        }
        runner.runs.metrics.failed(run.app, because: label)
        await record(failed)
        return RunOutcome(run: failed, error: error)
    }

    /// The started run with the ports that the engine has published, if ports were requested.
    private func withPorts(_ started: Run) async -> Run {
        guard !intent.settings.ports.list.isEmpty, let container = started.containerID,
            let found = try? await engine.observation(of: container)
        else { return started }
        return update { $0 = $0.after(found) }
    }

    /// A failure of the store is harmless here: the intent is on disk already, and identifies the container on the
    /// engine.
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

    /// Measures successful steps; failures are counted with the failed runs.
    private func measuring<Result>(_ phase: RunPhase, _ step: () async throws -> Result) async throws -> Result {
        let start = ContinuousClock.now
        let result = try await step()
        runner.runs.metrics.took(.now - start, for: phase)
        return result
    }

    private var isCancelled: Bool { runner.runs.entry(run.id)?.isCancelled == true }

    private func log(_ message: Logger.Message, _ metadata: @autoclosure () -> Logger.Metadata) {
        runner.logger.debug(message, metadata: metadata().merging(["berth.run": "\(run.name)"]) { first, _ in first })
    }

    private var current: Run { runner.runs.entry(run.id)?.run ?? run }

    /// Changes the run in memory; ``finish(_:)`` records it.
    @discardableResult
    private func update(_ change: (inout Run) -> Void) -> Run {
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
    /// Why a run could not be started, as a label for metrics.
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
