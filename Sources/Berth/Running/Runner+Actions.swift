import DockerEngine
import Logging

// Actions on runs that have been started.
extension Runner {
    /// Performs `action` on the run's container, unless the run is in the requested state already.
    ///
    /// Does not need the database: the result is recorded when the database is available.
    ///
    /// - Returns: the run afterwards.
    /// - Throws: `BerthError` `runNotFound`, `runCannot`, `policyDenied`, and the errors of its host.
    package func perform(_ action: RunAction, on name: RunName) async throws -> Run {
        if action.cancelsStart, let cancelled = try await cancelStart(of: name) { return cancelled }
        let run = try lock(name)
        defer { unlock(run) }
        switch action.verdict(in: run.state) {
        case .nothingToDo: return run
        case .impossible(let reason):
            throw BerthError.runCannot(name, action, reason: reason)
        case .possible: break
        }
        guard let container = run.containerID else { throw BerthError.runIsBusy(name) }
        let host = try hosts.host(run.host)
        let engine = try await host.connectedEngine()
        do {
            if run.state.status == .finished, action == .start || action == .restart {
                try await checkPolicy(of: run, in: engine.container(container))
            }
            try await engine.perform(action, on: container, stopTimeout: run.stopTimeout)
            let details = try await engine.container(container)
            let changed = runs.update(run.id, observedAt: .now()) { $0.after(Observation(details)) } ?? run
            if details.lacksNetwork, action == .start || action == .restart { throw BerthError.runHasNoNetwork(name) }
            return changed
        } catch let error as EngineError {
            throw BerthError.engine(error, of: host.name, .act(action, on: name))
        }
    }

    /// Reserves room for a run that is started again, if the policy allows its container.
    ///
    /// - Throws: `BerthError` `policyDenied`.
    private func checkPolicy(of run: Run, in container: ContainerDetails) throws(BerthError) {
        let policy = policies.current
        let excess = runs.reserveAgain(run.id, limit: policy.maxRunsPerApp)
        if let denial = policy.denial(of: container, runs: excess) { throw .policyDenied(denial) }
    }

    /// Removes the run's container; its record stays.
    ///
    /// - Parameter force: stops the container first if it runs.
    /// - Returns: the run afterwards.
    /// - Throws: `BerthError` `runNotFound`, `runCannot`, and the errors of its host.
    package func remove(_ name: RunName, force: Bool) async throws -> Run {
        if force, let entry = runs.entry(named: name) { await leaveOffStarting([entry.run.id]) }
        let run = try lock(name)
        defer { unlock(run) }
        guard force || run.state.status == .finished else {
            throw BerthError.runRuns(name)
        }
        try await remove(run, keepingOutput: true)
        return runs.entry(run.id)?.run ?? run
    }

    /// Stops these runs' containers if they run, and removes them.
    ///
    /// Post-condition: the containers are gone.
    ///
    /// - Throws: `BerthError` when a host is disconnected or its engine rejects a request.
    func remove(_ runs: [Run]) async throws {
        await leaveOffStarting(runs.map(\.id))
        let locked = self.runs.lock(runs.map(\.id))
        defer { for run in locked { unlock(run) } }
        guard locked.count == runs.count else {
            throw BerthError.appIsBusy
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, run) in locked.enumerated() {
                if index >= 16 { try await group.next() }
                group.addTask { try await remove(run) }
            }
            try await group.waitForAll()
        }
    }

    /// Cancels the start of a run that is being started or is queued.
    ///
    /// - Returns: the run afterwards; nil if it is no longer being started.
    private func cancelStart(of name: RunName) async throws -> Run? {
        guard let entry = runs.entry(named: name), entry.run.state.isBeingStarted else { return nil }
        await leaveOffStarting([entry.run.id])
        guard let run = runs.entry(entry.run.id)?.run, run.state.isBeingStarted else {
            return runs.entry(entry.run.id).flatMap { $0.run.state == .failed ? $0.run : nil }
        }
        let locked = try lock(run.name)
        defer { unlock(locked) }
        try await remove(locked)
        return runs.entry(run.id)?.run ?? locked
    }

    /// Cancels the starts of these runs and waits for their tasks, at most for the duration of one request to the
    /// engine.
    private func leaveOffStarting(_ ids: [RunID]) async {
        for run in runs.cancelStarts(ids) { await runs.waitUntilFree(run, atMost: .seconds(70)) }
    }

    private func lock(_ name: RunName) throws -> Run {
        guard let entry = runs.entry(named: name) else { throw BerthError.runNotFound(name) }
        guard let run = runs.lock([entry.run.id]).first else {
            throw BerthError.runIsBusy(name)
        }
        return run
    }

    /// - Parameter keepsOutput: whether the run's record stays, with the last part of its output.
    private func remove(_ run: Run, keepingOutput keepsOutput: Bool = false) async throws {
        // A host that is no longer configured cannot be reached; its runs exist only as records.
        guard let host = try? hosts.host(run.host) else { return }
        let hasContainer = run.containerID != nil && run.state != .removed && run.state != .lost
        guard hasContainer || run.state.isBeingStarted else { return }
        let engine = try await host.connectedEngine()
        do {
            guard let container = try await container(of: run, on: engine) else { return forgetStart(of: run) }
            if run.state.status == .running {
                try await engine.stopContainer(container, stopTimeout: run.stopTimeout)
            }
            if keepsOutput { await keepOutput(of: run, from: container) }
            FaultPoint.beforeRemove.reach()
            try await engine.removeContainer(container, force: true)
            FaultPoint.afterRemove.reach()
        } catch let error as EngineError where error.isNotFound {
            // The container is already removed.
        } catch let error as EngineError {
            throw BerthError.engine(error, of: host.name, .remove(run.name))
        }
        runs.update(run.id) { run in
            var run = run
            // The start time is by the engine's clock, which may be ahead of this one.
            if run.state.status == .running { run.finishedAt = max(.now(), run.startedAt ?? .now()) }
            run.forgetLive()
            run.state = .removed
            return run
        }
    }

    /// A log that cannot be read does not keep a container from being removed.
    private func keepOutput(of run: Run, from container: ContainerID) async {
        do {
            try await logs.keep(run, of: container, within: .seconds(10))
        } catch {
            logger.debug(
                "The output of a run was not kept.",
                metadata: ["berth.run": "\(run.name)", "error.message": "\(error)"]
            )
        }
    }

    /// Fails a queued run without a container, so that it never gets one.
    private func forgetStart(of run: Run) {
        runs.update(run.id) { $0.failed(because: "It was removed before it was started.", at: .now()) }
        runs.metrics.failed(run.app, because: "removed")
    }
}

// Containers that Berth has not created.
extension Runner {
    /// Containers on the hosts of `runs` that carry the app's labels but belong to none of its runs: their labels were
    /// copied.
    ///
    /// Excludes containers of runs that are being started meanwhile, and hosts that are disconnected.
    func unknownContainers(of app: AppName, besides runs: [Run]) async throws -> [UnknownContainer] {
        let own = Set(runs.compactMap(\.containerID))
        let ids = Set(runs.map(\.id))
        let labels = [
            "\(ContainerLabels.instanceLabel)=\(store.instance)", "\(ContainerLabels.appLabel)=\(app)",
        ]
        var unknownContainers: [UnknownContainer] = []
        for host in Set(runs.map(\.host)).intersection(hosts.connected) {
            let engine = try await hosts.host(host).connectedEngine()
            for container in try await asking(host, about: app, { try await engine.containers(labels: labels) }) {
                let run = RunID(container.labels?[ContainerLabels.runLabel] ?? "")
                let isOfOthers = run.map { !ids.contains($0) && self.runs.entry($0) != nil } ?? false
                guard !own.contains(container.id), !isOfOthers else { continue }
                unknownContainers.append(
                    UnknownContainer(
                        host: host,
                        container: container.id,
                        isRunning: ["running", "paused", "restarting"].contains(container.state)
                    )
                )
            }
        }
        return unknownContainers
    }

    struct UnknownContainer: Sendable {
        let host: HostName
        let container: ContainerID
        let isRunning: Bool
    }

    func remove(_ unknownContainers: [UnknownContainer], of app: AppName) async throws {
        for unknown in unknownContainers {
            let engine = try await hosts.host(unknown.host).connectedEngine()
            try await asking(unknown.host, about: app) {
                try await engine.removeContainer(unknown.container, force: true)
            }
        }
    }

    private func asking<Result>(
        _ host: HostName,
        about app: AppName,
        _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let error as EngineError {
            throw BerthError.engine(error, of: host, .findContainers(of: app))
        }
    }
}

extension Engine {
    fileprivate func perform(_ action: RunAction, on container: ContainerID, stopTimeout: Int?) async throws {
        switch action {
        case .stop: try await stopContainer(container, stopTimeout: stopTimeout)
        case .start: try await startContainer(container)
        case .restart: try await restartContainer(container, stopTimeout: stopTimeout)
        case .kill: try await killContainer(container)
        case .pause: try await pauseContainer(container)
        case .unpause: try await unpauseContainer(container)
        }
    }
}
