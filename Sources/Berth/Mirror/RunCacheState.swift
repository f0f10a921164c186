/// The state that ``RunCache`` protects with its lock.
struct RunCacheState {
    private(set) var slots: [RunID: RunSlot] = [:]
    private(set) var names: [RunName: RunSlot] = [:]
    private(set) var hosts: [HostName: HostSlot] = [:]
    private(set) var indexes = RunIndexes()
    /// Unfinished runs with a maximum runtime.
    private(set) var limited: Set<RunID> = []
    /// The numbers of live runs that apps are about to get, without zeros.
    private var reserved: [AppName: Int] = [:]
    /// Runs that have changed since they were last recorded.
    private var unrecorded: Set<RunID> = []
    var watchers: [RunID: [ObjectIdentifier: Wakeup]] = [:]
    private(set) var version = 0

    private let encode: EncodedRun.Encoder
    private var notifications = Notifications()
    /// Changes that are not published yet, in order.
    private var unpublished: [Change.Subject] = []

    /// Actions to perform after the lock is released.
    struct Notifications {
        var isChanged = false
        var isUnrecorded = false
        var isQueued = false
        var watchers: [Wakeup] = []
        var transitions: [RunTransition] = []
    }

    init(encode: @escaping EncodedRun.Encoder) { self.encode = encode }

    mutating func takeNotifications() -> Notifications {
        defer { notifications = Notifications() }
        return notifications
    }

    mutating func takeUnpublished() -> [Change.Subject] {
        defer { unpublished = [] }
        return unpublished
    }
}

// Changes.
extension RunCacheState {
    /// Adds a run from the store without publishing a change.
    mutating func load(_ run: Run) {
        guard slots[run.id] == nil else { return }
        version += 1
        let slot = RunSlot(RunCache.Entry(run: run), on: host(run.host), version: version)
        slots[run.id] = slot
        names[run.name] = slot
        indexes.insert(slot)
        updateLimit(of: run)
    }

    mutating func add(_ entry: RunCache.Entry) {
        load(entry.run)
        guard let slot = slots[entry.run.id] else { return }
        slot.entry = entry
        publish(slot)
        if entry.isQueued { notifications.isQueued = true }
    }

    /// Replaces the run with the result of `change`.
    mutating func replace(
        _ id: RunID,
        callerRecords: Bool,
        observedAt time: Timestamp?,
        _ change: (Run) -> Run
    ) -> Run? {
        guard let slot = slots[id] else { return nil }
        let earlier = slot.run
        var entry = slot.entry
        entry.run = change(earlier)
        entry.revision += 1
        entry.observedAt = time ?? entry.observedAt
        if !callerRecords {
            unrecorded.insert(id)
            notifications.isUnrecorded = true
        }
        indexes.replace(in: slot, with: entry)
        if entry.run.state.status == .running { returnRoom(of: slot) }
        guard entry.run != earlier else { return entry.run }
        if entry.run.name != earlier.name {
            names[earlier.name] = nil
            names[entry.run.name] = slot
        }
        updateLimit(of: entry.run)
        notifications.transitions.append(RunTransition(from: earlier, to: entry.run, isLocked: entry.isLocked))
        version += 1
        slot.version = version
        publish(slot)
        return entry.run
    }

    mutating func remove(_ id: RunID) {
        guard let slot = slots.removeValue(forKey: id) else { return }
        returnRoom(of: slot)
        if names[slot.run.name] === slot { names[slot.run.name] = nil }
        indexes.remove(slot)
        forgetUnused(slot.run.host)
        unrecorded.remove(id)
        limited.remove(id)
        version += 1
        publish(.runDeleted(slot.run))
        wakeWatchers(of: id)
    }

    mutating func observed(_ runs: [RunID], at time: Timestamp) {
        for id in runs {
            guard let slot = slots[id] else { continue }
            slot.entry.observedAt = max(slot.entry.observedAt ?? time, time)
        }
        if !runs.isEmpty { version += 1 }
    }

    mutating func setConnected(_ name: HostName, _ isConnected: Bool) {
        guard hosts[name]?.isConnected ?? false != isConnected else { return }
        host(name).isConnected = isConnected
        version += 1
        if isConnected { notifications.isQueued = true }
        forgetUnused(name)
    }

    /// Forgets a host that has no runs and is not connected, such as one that was removed.
    private mutating func forgetUnused(_ name: HostName) {
        guard let host = hosts[name], host.runs.count == 0, !host.isConnected else { return }
        hosts[name] = nil
    }

    private mutating func host(_ name: HostName) -> HostSlot {
        if let host = hosts[name] { return host }
        let host = HostSlot()
        hosts[name] = host
        return host
    }

    private mutating func updateLimit(of run: Run) {
        guard run.maxRuntime != nil else { return }
        if run.state.status == .running { limited.insert(run.id) } else { limited.remove(run.id) }
    }

    private mutating func publish(_ slot: RunSlot) {
        slot.encoded = nil
        publish(.run(slot.run, view(of: slot)))
        wakeWatchers(of: slot.run.id)
    }

    private mutating func publish(_ subject: Change.Subject) {
        unpublished.append(subject)
        notifications.isChanged = true
    }

    mutating func wakeWatchers(of id: RunID) { notifications.watchers += watchers[id]?.values.map { $0 } ?? [] }

    mutating func unwatch(_ id: RunID, _ watcher: Wakeup) {
        watchers[id]?[ObjectIdentifier(watcher)] = nil
        if watchers[id]?.isEmpty == true { watchers[id] = nil }
    }
}

// Room for live runs.
extension RunCacheState {
    /// - Returns: the number of live runs that the app would have, if that is above `limit`; nil if there is room, which
    ///   is then reserved.
    mutating func reserve(_ count: Int, of app: AppName, limit: Int?) -> Int? {
        let sum = indexes.liveCount(of: app) + (reserved[app] ?? 0) + count
        if let limit, sum > limit { return sum }
        reserved[app, default: 0] += count
        return nil
    }

    mutating func returnRoom(_ count: Int, of app: AppName) {
        reserved[app, default: 0] -= count
        if reserved[app] == 0 { reserved[app] = nil }
    }

    /// Returns the room of a run that is started again, once it is live or its start is over.
    mutating func returnRoom(of slot: RunSlot) {
        guard slot.entry.isReserved else { return }
        slot.entry.isReserved = false
        returnRoom(1, of: slot.run.app)
    }
}

// Recording.
extension RunCacheState {
    mutating func takeUnrecorded() -> [Run] {
        defer { unrecorded = [] }
        return unrecorded.compactMap { slots[$0]?.run }
    }

    mutating func returnUnrecorded(_ runs: [Run]) {
        for run in runs where slots[run.id] != nil { unrecorded.insert(run.id) }
    }
}

// Views.
extension RunCacheState {
    func view(of slot: RunSlot) -> RunView {
        let encoded = slot.encoded ?? EncodedRun(slot.run, encode: encode)
        slot.encoded = encoded
        return RunView(encoded, observedAt: slot.entry.observedAt, isStale: slot.isStale)
    }

    func page(_ filter: RunFilter, before position: RunPosition?, limit: Int) -> RunPage {
        let host = filter.host.map { hosts[$0] ?? HostSlot() }
        let apps = indexes.apps(in: filter.scope)
        var page: [RunSlot] = []
        var next: RunPosition?
        for slot in indexes.shortest(for: filter, on: host).newestFirst(before: position)
        where filter.hasFields(of: slot.run) && apps?.contains(slot.run.app) ?? true {
            guard page.count < limit else {
                next = page.last.map { RunPosition(of: $0.run) }
                break
            }
            page.append(slot)
        }
        return self.page(of: page, next: next)
    }

    func page(of slots: [RunSlot], next: RunPosition?) -> RunPage {
        var tag = Hasher()
        for slot in slots {
            tag.combine(slot.version)
            tag.combine(slot.isStale)
        }
        tag.combine(next)
        return RunPage(runs: slots.map(view), next: next, tag: tag.finalize(), version: version)
    }
}
