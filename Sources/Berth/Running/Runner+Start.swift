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
