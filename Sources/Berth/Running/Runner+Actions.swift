import DockerEngine

// What is done with runs that have been started.
extension Runner {
    /// Does `action` to the run's container, unless it is so already.
    ///
    /// Needs no database: what comes of it is recorded when that is possible.
    ///
    /// - Returns: the run after it.
    /// - Throws: `BerthError` `run_not_found`, `run_state_conflict`, and what its host says no to.
    package func carryOut(_ action: RunAction, on name: RunName) async throws -> Run {
        let run = try own(name)
        defer { release(run) }
        switch action.verdict(in: run.state) {
        case .nothingToDo: return run
        case .impossible(let reason):
            throw BerthError(.runStateConflict, "\(name) cannot \(action.rawValue). \(reason)")
        case .possible: break
        }
        guard let container = run.containerID else { throw BerthError.inProgress }
        let host = try hosts.host(run.host)
        let engine = try await host.connectedEngine()
        do {
            try await engine.carryOut(action, on: container, stopTimeout: run.stopTimeout)
            let found = Observation(try await engine.container(container))
            return runs.update(run.id, observedAt: .now()) { $0.after(found) } ?? run
        } catch let error as EngineError {
            throw BerthError(error, of: host.name, doing: "\(name) cannot \(action.rawValue)")
        }
    }

    /// Removes the run's container; its record stays.
    ///
    /// - Parameter force: stops it first if it runs.
    /// - Returns: the run after it.
    /// - Throws: `BerthError` `run_not_found`, `run_state_conflict`, and what its host says no to.
    package func remove(_ name: RunName, force: Bool) async throws -> Run {
        let run = try own(name)
        defer { release(run) }
        guard force || run.state.status == .finished else {
            throw BerthError(
                .runStateConflict,
                "\(name) runs. Stop it first, or DELETE /v1/runs/\(name)?force=true, which stops and removes it."
            )
        }
        try await remove(run)
        return runs.entry(run.id)?.run ?? run
    }

    /// Stops these runs' containers if they run, and removes them.
    ///
    /// Post-condition: they are gone.
    ///
    /// - Throws: `BerthError` when a host is away or its engine says no.
    func remove(_ runs: [Run]) async throws {
        let owned = self.runs.own(runs.map(\.id))
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

    private func own(_ name: RunName) throws -> Run {
        guard let entry = runs.entry(named: name) else { throw BerthError.runNotFound(name) }
        guard let run = runs.own([entry.run.id]).first else {
            throw BerthError(
                .runStateConflict,
                "\(name) is being started, changed or removed right now. Try again in a moment.",
                retryAfter: 1
            )
        }
        return run
    }

    private func remove(_ run: Run) async throws {
        // A host that is no longer configured cannot be asked; its runs are only records by now.
        guard let host = try? hosts.host(run.host) else { return }
        let hasContainer = run.containerID != nil && run.state != .removed && run.state != .lost
        guard hasContainer || run.state.isBeingStarted else { return }
        let engine = try await host.connectedEngine()
        do {
            guard let container = try await container(of: run, on: engine) else { return forgetStart(of: run) }
            if run.state.status == .running {
                try await engine.stopContainer(container, stopTimeout: run.stopTimeout)
            }
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
            // The start is by the engine's clock, which may be ahead of this one.
            if run.state.status == .running { run.finishedAt = max(.now(), run.startedAt ?? .now()) }
            run.ports = []
            run.state = .removed
            return run
        }
    }

    /// What was promised and has no container yet never gets one.
    private func forgetStart(of run: Run) {
        runs.update(run.id) { $0.failed(because: "It was removed before it was started.", at: .now()) }
        runs.metrics.failed(run.app, because: "removed")
    }
}

extension Engine {
    fileprivate func carryOut(_ action: RunAction, on container: ContainerID, stopTimeout: Int?) async throws {
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
