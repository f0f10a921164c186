/// Runs in the order of lists, oldest first.
///
/// A sorted array: a new run is nearly always the newest, and moving 100,000 references takes only some 20 µs.
struct RunIndex {
    private(set) var slots: [RunSlot] = []

    var count: Int { slots.count }

    mutating func insert(_ slot: RunSlot) {
        let position = RunPosition(of: slot.run)
        if let last = slots.last, position < RunPosition(of: last.run) {
            slots.insert(slot, at: firstIndex(notBefore: position))
        } else {
            slots.append(slot)
        }
    }

    mutating func remove(_ slot: RunSlot) {
        let index = firstIndex(notBefore: RunPosition(of: slot.run))
        if index < slots.count, slots[index] === slot { slots.remove(at: index) }
    }

    /// The runs before `position`, newest first.
    func newestFirst(before position: RunPosition?) -> some Sequence<RunSlot> {
        slots[..<(position.map { firstIndex(notBefore: $0) } ?? slots.count)].reversed()
    }

    private func firstIndex(notBefore position: RunPosition) -> Int {
        var (low, high) = (0, slots.count)
        while low < high {
            let middle = (low + high) / 2
            if RunPosition(of: slots[middle].run) < position { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Indexes of all runs and of those of each app, host, state and status, so that a list reads only its own runs.
struct RunIndexes {
    private(set) var all = RunIndex()
    private var apps: [AppName: RunIndex] = [:]
    private var states: [RunState: RunIndex] = [:]
    private var statuses: [RunStatus: RunIndex] = [:]
    /// The numbers of live runs, without zeros.
    private var live: [AppName: Int] = [:]

    mutating func insert(_ slot: RunSlot) {
        all.insert(slot)
        apps[slot.run.app, default: RunIndex()].insert(slot)
        slot.host.runs.insert(slot)
        insertByState(slot)
    }

    mutating func remove(_ slot: RunSlot) {
        all.remove(slot)
        apps[slot.run.app]?.remove(slot)
        if apps[slot.run.app]?.count == 0 { apps[slot.run.app] = nil }
        slot.host.runs.remove(slot)
        removeByState(slot)
    }

    /// Puts `entry` into the slot; run, app and host must be the same as before.
    mutating func replace(in slot: RunSlot, with entry: RunCache.Entry) {
        guard slot.run.state != entry.run.state else {
            slot.entry = entry
            return
        }
        removeByState(slot)
        slot.entry = entry
        insertByState(slot)
    }

    private mutating func insertByState(_ slot: RunSlot) {
        let state = slot.run.state
        states[state, default: RunIndex()].insert(slot)
        statuses[state.status, default: RunIndex()].insert(slot)
        guard state.status == .running else { return }
        slot.host.running += 1
        live[slot.run.app, default: 0] += 1
    }

    private mutating func removeByState(_ slot: RunSlot) {
        let state = slot.run.state
        states[state]?.remove(slot)
        statuses[state.status]?.remove(slot)
        guard state.status == .running else { return }
        slot.host.running -= 1
        live[slot.run.app, default: 0] -= 1
        if live[slot.run.app] == 0 { live[slot.run.app] = nil }
    }

    /// The number of the app's live runs.
    func liveCount(of app: AppName) -> Int { live[app] ?? 0 }

    var appNames: [AppName] { Array(apps.keys) }

    /// The apps in the scope that have runs; nil for all.
    ///
    /// So each name is compared with the patterns once, not once per run.
    func apps(in scope: AppScope) -> Set<AppName>? {
        scope.isEverything ? nil : Set(apps.keys.lazy.filter(scope.contains))
    }

    func of(_ app: AppName) -> RunIndex { apps[app] ?? RunIndex() }

    func of(_ state: RunState) -> RunIndex { states[state] ?? RunIndex() }

    func of(_ status: RunStatus) -> RunIndex { statuses[status] ?? RunIndex() }

    /// The shortest index that contains all runs that match the filter; it may contain others.
    ///
    /// - Parameter host: the host that the filter names; nil if it names none.
    func shortest(for filter: RunFilter, on host: HostSlot?) -> RunIndex {
        var shortest = all
        let candidates = [
            filter.app.map(of), filter.state.map(of), filter.status.map(of), host?.runs,
        ]
        for case let index? in candidates where index.count < shortest.count { shortest = index }
        return shortest
    }
}
