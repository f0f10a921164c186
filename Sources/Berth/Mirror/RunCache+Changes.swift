import DockerEngine

// For the one who is at starting, changing or removing a run.
extension RunCache {
    /// Adds a run that the caller is at starting, and owns until ``unlock(_:)``.
    func addLocked(_ run: Run) { mutate { $0.add(Entry(run: run, isLocked: true)) } }

    /// Adds runs that ``QueuedRuns`` is to start.
    func enqueue(_ runs: [Run]) {
        mutate { state in
            for run in runs { state.add(Entry(run: run)) }
        }
    }

    /// Adds a run that is recorded already and that nobody is at.
    func add(_ run: Run, observedAt time: Timestamp) { mutate { $0.add(Entry(run: run, observedAt: time)) } }

    /// Makes the caller the owner of those of `runs` that nobody owns, and returns them as they are now.
    func lock(_ runs: [RunID]) -> [Run] {
        mutate { state in runs.compactMap { state.lock($0) } }
    }

    /// Makes the caller the owner of the oldest runs that are queued on connected hosts and that nobody is at.
    func lockQueued(limit: Int) -> [Run] {
        mutate { state in
            let starting = [RunState.pending, .pulling, .starting].flatMap { state.indexes.of($0).slots }
            let queued = starting.filter { $0.entry.isQueued && !$0.entry.isLocked && $0.host.isConnected }
                .map { RunPosition(of: $0.run) }.sorted()
            return queued.prefix(limit).compactMap { state.lock($0.id) }
        }
    }

    /// Ends the caller's ownership.
    ///
    /// What the engine said in the meantime was passed over, so have it asked again.
    func unlock(_ id: RunID) {
        mutate { state in
            guard let slot = state.slots[id] else { return }
            slot.entry.isLocked = false
            slot.entry.revision += 1
            state.wakeWatchers(of: id)
        }
    }

    /// Asks whoever is at starting these runs to leave off.
    ///
    /// - Returns: those that somebody is at starting.
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

    /// Puts what `change` makes of the run in its place.
    ///
    /// - Parameters:
    ///   - callerRecords: whether the caller has recorded it already.
    ///   - time: when the engine said so; nil where it did not.
    /// - Returns: the run after it; nil if it is gone.
    @discardableResult
    func update(
        _ id: RunID,
        callerRecords: Bool = false,
        observedAt time: Timestamp? = nil,
        _ change: (Run) -> Run
    ) -> Run? {
        mutate { $0.replace(id, callerRecords: callerRecords, observedAt: time, change) }
    }

    func remove(_ runs: some Collection<RunID>) {
        mutate { state in
            for id in runs { state.remove(id) }
        }
    }
}

// For the mirror.
extension RunCache {
    enum Reconciled: Sendable {
        /// Nothing had to change, or it is not the mirror's to change.
        case same
        /// The run is as its engine says now.
        case changed
        /// Something has happened to the run since the engine was asked: ask again.
        case outdated
        /// Remove the container, then ``update(_:callerRecords:observedAt:_:)`` the run to this.
        case removal(Run)
    }

    /// Settles the run by what the engine was found to say after the run was at `revision`.
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

    /// Notes that the run's container has ended, unless somebody is at the run, who will see that.
    ///
    /// The engine is to be asked all the same: it knows more, above all whether it starts the container again.
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

    /// Notes that the engine was seen to say of these what is here.
    func observed(_ runs: [RunID], at time: Timestamp) { mutate { $0.observed(runs, at: time) } }
}

// For the host's connection.
extension RunCache {
    /// Notes whether what is here of the host's runs is true, or only the last that was seen.
    func setConnected(_ host: HostName, _ isConnected: Bool) {
        mutate { $0.setConnected(host, isConnected) }
    }
}

// For the recorder.
extension RunCache {
    /// Takes the runs that have to be recorded.
    ///
    /// Whoever fails to record them gives them back.
    func takeUnrecorded() -> [Run] { mutate { $0.takeUnrecorded() } }

    func returnUnrecorded(_ runs: [Run]) { mutate { $0.returnUnrecorded(runs) } }
}

extension RunCacheState {
    fileprivate mutating func lock(_ id: RunID) -> Run? {
        guard let slot = slots[id], !slot.entry.isLocked else { return nil }
        slot.entry.isLocked = true
        return slot.run
    }
}
