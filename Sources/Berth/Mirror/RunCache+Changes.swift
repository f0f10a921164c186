import DockerEngine

// For tasks that start, change or remove a run. Such a task locks the run first.
extension RunCache {
    /// Adds runs of an app in the room that was reserved for them.
    ///
    /// - Parameter isLocked: whether the caller starts them, and unlocks them; otherwise ``QueuedRuns`` starts them.
    func add(_ runs: [Run], isLocked: Bool, toRoomOf app: AppName) {
        mutate { state in
            state.returnRoom(runs.count, of: app)
            for run in runs { state.add(Entry(run: run, isLocked: isLocked)) }
        }
    }

    /// Adds a run that is already recorded, unlocked.
    func add(_ run: Run, observedAt time: Timestamp) { mutate { $0.add(Entry(run: run, observedAt: time)) } }

    /// Locks those of `runs` that are not locked, and returns their current state.
    func lock(_ runs: [RunID]) -> [Run] {
        mutate { state in runs.compactMap { state.lock($0) } }
    }

    /// Locks the oldest queued runs on connected hosts that are not locked yet.
    func lockQueued(limit: Int) -> [Run] {
        mutate { state in
            let starting = [RunState.pending, .pulling, .starting].flatMap { state.indexes.of($0).slots }
            let queued = starting.filter { $0.entry.isQueued && !$0.entry.isLocked && $0.host.isConnected }
                .map { RunPosition(of: $0.run) }.sorted()
            return queued.prefix(limit).compactMap { state.lock($0.id) }
        }
    }

    /// Releases the lock on a run.
    ///
    /// Reports from the engine were ignored while the run was locked, so the caller must have the engine queried again.
    func unlock(_ id: RunID) {
        mutate { state in
            guard let slot = state.slots[id] else { return }
            slot.entry.isLocked = false
            slot.entry.revision += 1
            state.returnRoom(of: slot)
            state.wakeWatchers(of: id)
            if slot.entry.isAbandoned { state.abandon(id) }
        }
    }

    /// Requests that the tasks which start these runs stop.
    ///
    /// - Returns: the runs that a task is starting.
    func cancelStarts(_ runs: [RunID]) -> [RunID] {
        mutate { state in
            runs.filter { id in
                guard let slot = state.slots[id], slot.run.state.isBeingStarted, slot.entry.isLocked else {
                    return false
                }
                slot.entry.isCancelled = true
                state.wakeWatchers(of: id)
                return true
            }
        }
    }

    /// Replaces the run with the result of `change`.
    ///
    /// - Parameters:
    ///   - callerRecords: whether the caller has recorded it already.
    ///   - time: when the engine reported the change; nil if the engine did not report it.
    /// - Returns: the run after the change; nil if it is gone.
    @discardableResult
    func update(
        _ id: RunID,
        callerRecords: Bool = false,
        observedAt time: Timestamp? = nil,
        _ change: (Run) -> Run
    ) -> Run? {
        mutate { $0.replace(id, callerRecords: callerRecords, observedAt: time, change) }
    }

    /// Ends runs whose host was removed; those that are locked end when they are unlocked.
    func abandon(_ runs: [RunID]) {
        mutate { state in
            for id in runs { state.abandon(id) }
        }
    }

    func remove(_ runs: some Collection<RunID>) {
        mutate { state in
            for id in runs { state.remove(id) }
        }
    }
}

// For the policy's limit of live runs.
extension RunCache {
    /// Reserves room for new runs of an app.
    ///
    /// - Returns: nil if there is room; otherwise the number of live runs that the app would have, above `limit`.
    func reserve(_ count: Int, of app: AppName, limit: Int?) -> Int? {
        withState { $0.reserve(count, of: app, limit: limit) }
    }

    /// Returns room that is not needed.
    func returnRoom(_ count: Int, of app: AppName) { withState { $0.returnRoom(count, of: app) } }

    /// Reserves room for a finished, locked run that the caller starts again; unlocking returns what is not used.
    ///
    /// - Returns: like ``reserve(_:of:limit:)``.
    func reserveAgain(_ id: RunID, limit: Int?) -> Int? {
        withState { state in
            guard let slot = state.slots[id], !slot.entry.isReserved else { return nil }
            let excess = state.reserve(1, of: slot.run.app, limit: limit)
            slot.entry.isReserved = excess == nil
            return excess
        }
    }

    /// The number of live runs of the run's app that are not newer than it.
    func liveCount(upTo run: Run) -> Int {
        let position = RunPosition(of: run)
        return withState { state in
            state.indexes.of(RunStatus.running).slots.count {
                $0.run.app == run.app && RunPosition(of: $0.run) <= position
            }
        }
    }
}

// For the mirror.
extension RunCache {
    enum Reconciled: Sendable {
        /// Nothing had to change, or the mirror must not change it.
        case same
        /// The run now has the state that the engine reported.
        case changed
        /// The run has changed since the engine was queried: query it again.
        case outdated
        /// Remove the container, then ``update(_:callerRecords:observedAt:_:)`` the run to this.
        case removal(Run)
    }

    /// Reconciles the run with the engine's report, which was requested when the run was at `revision`.
    func reconcile(_ id: RunID, revision: Int, found: Observation?, now: Timestamp) -> Reconciled {
        mutate { state in
            guard let entry = state.slots[id]?.entry, !entry.isUnderWay else { return .same }
            guard entry.revision == revision else { return .outdated }
            switch Reconciliation(of: entry.run, found: found, end: entry.lastEnd, now: now) {
            case .nothing:
                state.observed([id], at: now)
                return .same
            case .remove(let run): return .removal(run)
            case .record(let run):
                _ = state.replace(id, callerRecords: false, observedAt: now) { _ in run }
                return .changed
            }
        }
    }

    /// Records that the run's container has ended, unless the run is locked: the task that holds the lock finds out by
    /// itself.
    ///
    /// The engine must be queried anyway: it knows more, above all whether it starts the container again.
    func end(_ id: RunID, _ end: ContainerEnd) {
        mutate { state in
            state.slots[id]?.entry.lastEnd = end.mayRestart ? end : nil
            guard !end.mayRestart, let entry = state.slots[id]?.entry, !entry.isUnderWay,
                let ended = entry.run.after(end)
            else {
                return
            }
            _ = state.replace(id, callerRecords: false, observedAt: .now()) { _ in ended }
        }
    }

    /// Records that the engine has confirmed the state of these runs.
    func observed(_ runs: [RunID], at time: Timestamp) { mutate { $0.observed(runs, at: time) } }
}

// For the host's connection.
extension RunCache {
    /// Records whether the host's runs are kept up to date, or are only the last known state.
    func setConnected(_ host: HostName, _ isConnected: Bool) {
        mutate { $0.setConnected(host, isConnected) }
    }
}

// For the recorder.
extension RunCache {
    /// Takes the runs that have to be recorded.
    ///
    /// A caller that fails to record them must return them.
    func takeUnrecorded() -> [Run] { mutate { $0.takeUnrecorded() } }

    func returnUnrecorded(_ runs: [Run]) { mutate { $0.returnUnrecorded(runs) } }
}

extension RunCacheState {
    fileprivate mutating func abandon(_ id: RunID) {
        guard let slot = slots[id] else { return }
        slot.entry.isAbandoned = slot.entry.isLocked
        guard !slot.entry.isLocked, slot.run.state.status == .running else { return }
        _ = replace(id, callerRecords: false, observedAt: nil) { $0.afterHostRemoved(at: .now()) }
    }

    fileprivate mutating func lock(_ id: RunID) -> Run? {
        guard let slot = slots[id], !slot.entry.isLocked else { return nil }
        slot.entry.isLocked = true
        return slot.run
    }
}
