import DockerEngine
import Logging

/// Starts runs: carries out what ``RunPlan`` decides.
package struct Runner: Sendable {
    let store: Store
    let runs: RunCache
    let hosts: Hosts
    let logger: Logger

    /// So many containers of one order are made at a time.
    private static let width = 8

    /// Starts the containers that are ordered.
    ///
    /// Post-condition: each was started, and that is recorded, or its outcome says why not. What an earlier attempt of
    /// the caller's operation has started is not started again.
    ///
    /// - Returns: one outcome for each, in the order of their names' making; at least one was started.
    /// - Throws: `BerthError`, when none was started; then either no container is left, or its message says that this
    ///   is not known yet.
    package func start(_ order: RunRequest, by caller: Caller) async throws -> [RunOutcome] {
        let host = try await host(of: order)
        let engine = try await host.connectedEngine()
        let earlier = try await earlierRuns(of: caller)
        let items = (0..<order.count).filter { earlier[$0] == nil }
        let intents = try await record(order, items: items, on: host, wasQueued: false, by: caller)
        for intent in intents { runs.addLocked(intent.run) }
        FaultPoint.afterRecord.reach()
        var outcomes = earlier.mapValues { RunOutcome(run: $0, error: nil) }
        try await withThrowingTaskGroup(of: (Int, RunOutcome).self) { group in
            for (index, (item, intent)) in zip(items, intents).enumerated() {
                if index >= Self.width, let (item, outcome) = try await group.next() { outcomes[item] = outcome }
                group.addTask { (item, try await carryOut(intent, on: host, engine)) }
            }
            for try await (item, outcome) in group { outcomes[item] = outcome }
        }
        let inOrder = outcomes.sorted { $0.key < $1.key }.map(\.value)
        if let error = inOrder.first?.error, inOrder.allSatisfy({ $0.error != nil }) { throw error }
        return inOrder
    }

    /// Records the runs that are ordered and promises to start them: they are started as soon as that is possible, also
    /// by the next process.
    ///
    /// - Throws: `BerthError`; then nothing was recorded.
    package func enqueue(_ order: RunRequest, by caller: Caller) async throws -> [Run] {
        let host = try await host(of: order)
        _ = try await host.connectedEngine()
        let earlier = try await earlierRuns(of: caller, mayBeUnderWay: true)
        let items = (0..<order.count).filter { earlier[$0] == nil }
        let queued = try await record(order, items: items, on: host, wasQueued: true, by: caller).map(\.run)
        runs.enqueue(queued)
        FaultPoint.afterEnqueue.reach()
        let all = earlier.merging(zip(items, queued)) { first, _ in first }
        return all.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Goes on with a queued run, wherever an earlier attempt has ended.
    ///
    /// The caller owns it; not any more afterwards.
    func resume(_ run: Run) async {
        defer { unlock(run) }
        do {
            guard let intent = try await store.intent(of: run) else { return }
            let host = try hosts.host(run.host)
            let start = RunStart(intent: intent, host: host, engine: try await host.connectedEngine(), runner: self)
            let outcome = try await start.resume()
            guard outcome.run.state.isBeingStarted, let error = outcome.error else { return }
            throw error
        } catch {
            logger.notice(
                "A queued run has not been started yet.",
                metadata: ["berth.run": "\(run.name)", "error.message": "\(error)"]
            )
            // What fails at once is not tried again at once.
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Gives the run back to the mirror, which passed over what the engine said in the meantime.
    func unlock(_ run: Run) {
        runs.unlock(run.id)
        try? hosts.host(run.host).dirty.mark(run.id)
    }

    /// The container that carries the run's label and its name.
    func container(of run: Run, on engine: Engine) async throws -> ContainerID? {
        if let container = run.containerID { return container }
        let found = try await engine.containers(labels: ["\(ContainerLabels.runLabel)=\(run.id)"])
        return found.first { $0.names?.contains("/\(run.name)") == true }?.id
    }
}

/// What came of one ordered run.
package struct RunOutcome: Sendable {
    package let run: Run
    /// Why it was not started, or that nobody knows; nil when it was.
    package let error: BerthError?
}

extension Runner {
    /// - Throws: before anything is recorded, so that what cannot be leaves no trace.
    private func host(of order: RunRequest) async throws -> HostConnection {
        guard let app = try await store.app(order.app) else { throw BerthError.appNotFound(order.app) }
        _ = try Self.checked { () throws(InvalidValue) in try app.settings.overridden(by: order.overrides) }
        guard let name = order.host ?? app.settings.host else { return hosts.defaultHost }
        return try hosts.host(name)
    }

    private func record(
        _ order: RunRequest,
        items: [Int],
        on host: HostConnection,
        wasQueued: Bool,
        by caller: Caller
    ) async throws -> [Store.Intent] {
        guard !items.isEmpty else { return [] }
        let start = ContinuousClock.now
        let intents = try await store.recordIntents(
            of: order,
            items: items,
            on: host.name,
            wasQueued: wasQueued,
            by: caller,
            at: .now()
        )
        guard let intents else { throw BerthError.appNotFound(order.app) }
        runs.metrics.took(.now - start, for: .record)
        return intents
    }

    /// What earlier attempts of the caller's operation have brought about, without what came to nothing.
    ///
    /// - Throws: `BerthError` `idempotency_in_progress` while one of them is not settled.
    private func earlierRuns(of caller: Caller, mayBeUnderWay: Bool = false) async throws -> [Int: Run] {
        guard let operation = caller.operation, operation.isRepeated else { return [:] }
        var earlier: [Int: Run] = [:]
        for (item, id) in try await store.runs(of: operation) {
            guard let entry = runs.entry(id), entry.run.state != .failed else { continue }
            guard mayBeUnderWay || !entry.run.state.isBeingStarted else { throw BerthError.inProgress }
            earlier[item] = entry.run
        }
        return earlier
    }

    private func carryOut(
        _ intent: Store.Intent,
        on host: HostConnection,
        _ engine: Engine
    ) async throws -> RunOutcome {
        defer { unlock(intent.run) }
        return try await RunStart(intent: intent, host: host, engine: engine, runner: self).begin()
    }

    private static func checked<Value>(_ make: () throws(InvalidValue) -> Value) throws(BerthError) -> Value {
        do throws(InvalidValue) {
            return try make()
        } catch {
            throw BerthError(.invalidOverrides, "The overrides do not fit the app: \(error.message).")
        }
    }
}
