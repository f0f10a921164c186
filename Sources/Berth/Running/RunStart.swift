import DockerEngine
import Logging

/// The outcome of one requested run.
package struct RunOutcome: Sendable {
    package let run: Run
    /// Why it was not started, or that this is unknown; nil if it was started.
    package let error: BerthError?
}

// The start of a run, from the request to the container, in chronological order.
extension Runner {
    /// The number of containers of one request that are created concurrently.
    private static let width = 8

    /// Starts the requested containers.
    ///
    /// Post-condition: each was started, and that is recorded, or its outcome says why not. A container that an earlier
    /// attempt of the caller's request has started is not started again.
    ///
    /// - Returns: one outcome per container, in the order in which their names were made; at least one was started.
    /// - Throws: `BerthError`, when none was started; then either no container is left, or its message says that this
    ///   is not known yet.
    package func start(_ request: RunRequest, by caller: Caller) async throws -> [RunOutcome] {
        let recorded = try await record(request, wasQueued: false, by: caller)
        if recorded.host.isRemoved { runs.abandon(recorded.intents.map(\.intent.run.id)) }
        FaultPoint.afterRecord.reach()
        var outcomes = recorded.earlier.mapValues { RunOutcome(run: $0, error: nil) }
        var launched = 0
        defer { for (_, intent) in recorded.intents.dropFirst(launched) { unlock(intent.run) } }
        try await withThrowingTaskGroup(of: (Int, RunOutcome).self) { group in
            for (item, intent) in recorded.intents {
                if launched >= Self.width, let (item, outcome) = try await group.next() { outcomes[item] = outcome }
                launched += 1
                group.addTask {
                    defer { unlock(intent.run) }
                    let start = RunStart(intent: intent, host: recorded.host, engine: recorded.engine, runner: self)
                    return (item, try await start.begin())
                }
            }
            for try await (item, outcome) in group { outcomes[item] = outcome }
        }
        let inOrder = outcomes.sorted { $0.key < $1.key }.map(\.value)
        if let error = inOrder.first?.error, inOrder.allSatisfy({ $0.error != nil }) { throw error }
        return inOrder
    }

    /// Records the requested runs; ``QueuedRuns`` starts them as soon as possible, in this process or the next.
    ///
    /// - Throws: `BerthError`; then nothing was recorded.
    package func enqueue(_ request: RunRequest, by caller: Caller) async throws -> [Run] {
        let recorded = try await record(request, wasQueued: true, by: caller)
        let queued = recorded.intents.map(\.intent.run)
        if recorded.host.isRemoved { runs.abandon(queued.map(\.id)) }
        FaultPoint.afterEnqueue.reach()
        let all = recorded.earlier.merging(zip(recorded.intents.map(\.item), queued)) { first, _ in first }
        return all.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Continues the start of a queued run where an earlier attempt ended.
    ///
    /// The caller must hold the run's lock, which this releases.
    func resume(_ run: Run) async {
        defer { unlock(run) }
        do {
            guard let intent = try await store.intent(of: run) else { return }
            let host = try hosts.host(run.host)
            let start = RunStart(intent: intent, host: host, engine: try await host.connectedEngine(), runner: self)
            let outcome = try await start.resume(denial: denial(of: intent))
            guard outcome.run.state.isBeingStarted, let error = outcome.error else { return }
            throw error
        } catch {
            logger.notice(
                "A queued run has not been started yet.",
                metadata: ["berth.run": "\(run.name)", "error.message": "\(error)"]
            )
            // Delays the next attempt after an immediate failure.
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Why the policy denies a queued run, which it allowed when the run was requested; nil if it still does.
    private func denial(of intent: Store.Intent) -> PolicyDenial? {
        let policy = policies.current
        let live = policy.maxRunsPerApp.map { _ in runs.liveCount(upTo: intent.run) }
        return policy.denial(of: intent.settings, runs: live)
    }

    /// The runs that earlier attempts of the caller's request have created, except failed ones.
    ///
    /// - Throws: `BerthError` `requestInProgress` while one of them has no outcome.
    private func earlierRuns(of caller: Caller, mayBeUnderWay: Bool = false) async throws -> [Int: Run] {
        guard let operation = caller.operation, operation.isRepeated else { return [:] }
        var earlier: [Int: Run] = [:]
        for (item, id) in try await store.runs(of: operation) {
            guard let entry = runs.entry(id), entry.run.state != .failed else { continue }
            guard mayBeUnderWay || !entry.run.state.isBeingStarted else { throw BerthError.requestInProgress }
            earlier[item] = entry.run
        }
        return earlier
    }

    /// A request whose runs are recorded.
    private struct Recorded {
        let host: HostConnection
        let engine: Engine
        /// The runs of earlier attempts, by their place in the request.
        let earlier: [Int: Run]
        let intents: [(item: Int, intent: Store.Intent)]
    }

    /// Records runs of the app's current release, for a host that is connected, and adds them to the cache.
    ///
    /// The app is read once, and again only if it changes before its runs are recorded. Runs that are not queued are
    /// locked.
    private func record(_ request: RunRequest, wasQueued: Bool, by caller: Caller) async throws -> Recorded {
        while true {
            let app = try await store.existingApp(request.app)
            let settings = try request.settings(of: app)
            let host = try request.host(for: app, among: hosts)
            let isRepeated = caller.operation?.isRepeated == true
            guard !host.isDrained || isRepeated else { throw BerthError.hostDrained(host.name) }
            let engine = try await host.connectedEngine()
            let earlier = try await earlierRuns(of: caller, mayBeUnderWay: wasQueued)
            let items = (0..<request.count).filter { earlier[$0] == nil }
            guard !items.isEmpty else { return Recorded(host: host, engine: engine, earlier: earlier, intents: []) }
            guard !host.isDrained else { throw BerthError.hostDrained(host.name) }
            try reserve(items.count, of: app.name, with: settings)
            guard
                let intents = try await record(
                    items,
                    of: app,
                    request.overrides,
                    on: host,
                    wasQueued: wasQueued,
                    by: caller
                )
            else { continue }
            let pairs = zip(items, intents).map { (item: $0, intent: $1) }
            return Recorded(host: host, engine: engine, earlier: earlier, intents: pairs)
        }
    }

    /// Reserves room for new runs of an app, if the policy allows them.
    ///
    /// - Throws: `BerthError` `policyDenied`.
    private func reserve(_ count: Int, of app: AppName, with settings: AppSettings) throws(BerthError) {
        let policy = policies.current
        let excess = runs.reserve(count, of: app, limit: policy.maxRunsPerApp)
        guard let denial = policy.denial(of: settings, runs: excess) else { return }
        if excess == nil { runs.returnRoom(count, of: app) }
        throw .policyDenied(denial)
    }

    /// Records runs, and adds them to the cache in the room that was reserved for them.
    ///
    /// - Returns: nil if the app has changed since it was read; the room is then returned.
    private func record(
        _ items: [Int],
        of app: App,
        _ overrides: RunOverrides,
        on host: HostConnection,
        wasQueued: Bool,
        by caller: Caller
    ) async throws -> [Store.Intent]? {
        var intents: [Store.Intent]?
        defer { if intents == nil { runs.returnRoom(items.count, of: app.name) } }
        let start = ContinuousClock.now
        intents = try await store.recordIntents(
            of: app,
            overrides: overrides,
            items: items,
            on: host.name,
            wasQueued: wasQueued,
            by: caller,
            at: .now()
        )
        guard let intents else { return nil }
        runs.metrics.took(.now - start, for: .record)
        runs.add(intents.map(\.run), isLocked: !wasQueued, toRoomOf: app.name)
        return intents
    }
}

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
                return await finish(because: error)
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
            let failed = update { $0 = $0.failedWithoutContainer(because: error.reason) }
            runner.runs.metrics.failed(run.app, because: error.failureReason)
            await record(failed)
            return RunOutcome(run: failed, error: problem)
        case .cancelled:
            let cancelled = update { $0 = $0.failedWithoutContainer(because: "It was stopped before it was started.") }
            runner.runs.metrics.failed(run.app, because: "cancelled")
            await record(cancelled)
            return RunOutcome(run: cancelled, error: .runStartCancelled(current.name))
        case .denied(let denial):
            let problem = BerthError.policyDenied(denial)
            let denied = update { $0 = $0.failedWithoutContainer(because: "\(problem)") }
            runner.runs.metrics.failed(run.app, because: "denied")
            await record(denied)
            return RunOutcome(run: denied, error: problem)
        case .open(let error):
            return RunOutcome(run: current, error: .engine(error, of: host.name, .startOfUnknownOutcome(current.name)))
        }
    }

    private func finish(because error: BerthError) async -> RunOutcome {
        let failed = update { $0 = $0.failedWithoutContainer(because: error.description) }
        runner.runs.metrics.failed(run.app, because: "secret_unreadable")
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

extension Run {
    /// If the container could not be removed, the mirror finds it by its label and name.
    fileprivate func failedWithoutContainer(because reason: String) -> Run {
        var run = failed(because: reason, at: .now())
        run.containerID = nil
        return run
    }
}

extension RunRequest {
    /// The settings of the requested runs.
    ///
    /// - Throws: `BerthError` `overridesDoNotFit`: before anything is recorded.
    fileprivate func settings(of app: App) throws(BerthError) -> AppSettings {
        do throws(InvalidValue) {
            return try app.settings.overridden(by: overrides)
        } catch {
            throw .overridesDoNotFit(reason: error.message)
        }
    }

    /// The host for the app's containers.
    ///
    /// - Throws: `BerthError` `hostNotFound`: before anything is recorded.
    fileprivate func host(for app: App, among hosts: Hosts) throws(BerthError) -> HostConnection {
        guard let name = host ?? app.settings.host else { return hosts.usualHost }
        return try hosts.host(name)
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
