import DockerEngine
import Logging

/// Keeps the runs of one host in memory equal to what its engine reports.
///
/// Subscribes to the events first, then compares all runs, then those that events name. An event says which run to
/// check, and its state is read from the engine; only an end is applied at once. A comparison of all runs every minute
/// makes up for lost events and counts the runs that it had to correct.
struct HostMirror: Sendable {
    let host: HostName
    let engine: Engine
    let store: Store
    let runs: RunCache
    let reconcileQueue: ReconcileQueue
    let networks: HostNetworks
    let logger: Logger
    /// Shared by all hosts: a full list takes megabytes while it is read.
    let lists: AsyncSemaphore
    /// Called with news about the engine; must return at once.
    let report: @Sendable (MirrorNews) -> Void

    private static let fullComparison = Duration.seconds(60)
    /// Long enough for an event in transit to arrive.
    private static let eventDelay = Duration.seconds(2)
    /// How long a full list waits for those of other hosts.
    private static let listTimeout = Duration.seconds(2)
    private static let pingInterval = Duration.seconds(8)
    private static let restartInterval = Duration.seconds(2)
    /// The number of containers that are queried at once.
    private static let width = 8

    /// Follows the engine until an error ends this.
    ///
    /// - Throws: `EngineError`, or `CancellationError`.
    func follow() async throws {
        let label = "\(ContainerLabels.instanceLabel)=\(store.instance)"
        let events = try await engine.events(types: ["container"], labels: [label])
        // For a network's events the engine reports the container's id, but not its labels.
        let connections =
            engine.hasRoomForStreams
            ? try await engine.events(types: ["network"], actions: ["connect", "disconnect"]) : nil
        try await resync()
        report(.isTrue)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await read(events) }
            if let connections { group.addTask { try await readConnections(connections) } }
            group.addTask { try await reconcile() }
            group.addTask { try await recheckRestarting() }
            group.addTask { try await ping() }
            group.addTask { try await compareRegularly() }
            group.addTask { try await removeUnusedNetworks() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Reads the events.
    ///
    /// Must not wait for anything else: the engine silently drops events that a slow reader does not take.
    private func read(_ events: EngineStream<JSONLines<EngineEvent>>) async throws {
        // A `die` event does not say that the run was out of memory; the engine has to be queried first.
        var outOfMemory: Set<RunID> = []
        for try await event in events {
            guard let label = event.actor.attributes?[ContainerLabels.runLabel] else { continue }
            let run = RunID(recorded: label)
            if event.action == "oom", outOfMemory.count < 1000 {
                outOfMemory.insert(run)
            } else if let end = ContainerEnd(event), outOfMemory.remove(run) == nil {
                runs.end(run, end)
            }
            if event.isRemoval, event.actor.attributes?[ContainerLabels.networkLabel] != nil {
                networks.mayBeUnused.send()
            }
            reconcileQueue.add(run)
            report(.event(at: Timestamp(milliseconds: event.timeNano / 1_000_000)))
        }
        throw EngineError.unreachable("the engine closed its event stream")
    }

    /// Reads the events of networks: published ports change when a container joins or leaves a network.
    private func readConnections(_ events: EngineStream<JSONLines<EngineEvent>>) async throws {
        for try await event in events {
            guard let container = event.actor.attributes?["container"].flatMap({ ContainerID($0) }),
                let run = runs.run(of: container, on: host)
            else { continue }
            reconcileQueue.add(run)
        }
        throw EngineError.unreachable("the engine closed its event stream")
    }

    /// Rechecks restarting runs: no event reports that an engine gives up starting a container again.
    private func recheckRestarting() async throws {
        while true {
            try await Task.sleep(for: Self.restartInterval)
            for run in runs.restarting(on: host) { reconcileQueue.add(run) }
        }
    }

    private func removeUnusedNetworks() async throws {
        while true {
            do {
                try await networks.removeUnused(on: engine, instance: store.instance)
            } catch let error as EngineError where !error.isConnectionFailure {
                logger.notice("Unused networks could not be removed.", metadata: ["error.message": "\(error)"])
            }
            await networks.mayBeUnused.wait()
            try Task.checkCancellation()
        }
    }

    /// Reconciles the queued runs, several at once: an engine may delay a response while it cleans up.
    private func reconcile() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var underWay = 0
            while true {
                let work = try await reconcileQueue.take()
                if underWay == Self.width {
                    try await group.next()
                    underWay -= 1
                }
                underWay += 1
                group.addTask {
                    switch work {
                    case .everything: try await resync()
                    case .run(let id): try await compare(id)
                    }
                }
            }
        }
    }

    /// Pings the engine: it can hang while its connection stays open, which nothing else reveals.
    ///
    /// A recent response to another request proves that the engine works. The round-trip time still has to be measured
    /// now and then.
    private func ping() async throws {
        var pingedAt: ContinuousClock.Instant?
        while true {
            let now = ContinuousClock.now
            let quiet = now - engine.lastAnswer
            if let pingedAt, quiet < Self.pingInterval, now - pingedAt < Self.fullComparison {
                report(.answered)
                try await Task.sleep(for: Self.pingInterval - quiet)
                continue
            }
            do {
                report(.ping(try await engine.ping()))
            } catch EngineError.busy {
                // There are so many other requests that one of them would reveal a failure.
            }
            pingedAt = now
            try await Task.sleep(for: Self.pingInterval)
        }
    }

    /// Spread over the minute, so that hosts that were connected together are not all compared at once.
    private func compareRegularly() async throws {
        try await askFacts()
        try await Task.sleep(for: Self.fullComparison * Double.random(in: 0.5...1))
        while true {
            report(.corrected(try await resync(grace: Self.eventDelay)))
            networks.mayBeUnused.send()
            try await askFacts()
            try await Task.sleep(for: Self.fullComparison)
        }
    }

    /// How far the clock of an engine is ahead that reported `time` during a call; zero if the call's duration explains
    /// the difference.
    static func clockSkew(of time: Timestamp, between start: Timestamp, and end: Timestamp) -> Duration {
        let middle = (start.milliseconds + end.milliseconds) / 2
        let skew = time.milliseconds - middle
        return abs(skew) <= (end.milliseconds - start.milliseconds + 1) / 2 ? .zero : .milliseconds(skew)
    }

    private func askFacts() async throws {
        let asked = Timestamp.now()
        do {
            let info = try await engine.info()
            let skew = info.systemTime.flatMap { Timestamp(engineTime: $0) }.map { time in
                Self.clockSkew(of: time, between: asked, and: .now())
            }
            report(
                .facts(
                    EngineFacts(
                        clockSkew: skew,
                        hasLiveRestore: info.hasLiveRestore,
                        logDriver: info.logDriver
                    )
                )
            )
        } catch let error as EngineError where !error.isConnectionFailure {
            report(.facts(EngineFacts()))
            logger.notice("The engine's configuration could not be read.", metadata: ["error.message": "\(error)"])
        }
    }

    /// - Parameter grace: how long events may take to report a difference before it is corrected.
    /// - Returns: the number of runs that differed.
    @discardableResult
    private func resync(grace: Duration = .zero) async throws -> Int {
        let (entries, listedAt, containers) = try await lists.withPermit(timeout: Self.listTimeout) {
            // The known runs, taken before the engine is queried: runs that change meanwhile are checked again.
            let (entries, now) = (runs.entries(on: host), Timestamp.now())
            let label = "\(ContainerLabels.instanceLabel)=\(store.instance)"
            return (entries, now, try await engine.containers(labels: [label]))
        }
        let found = Dictionary(grouping: containers) { $0.labels?[ContainerLabels.runLabel] ?? "" }
        var agreeing: [RunID] = []
        var differing: [(entry: RunCache.Entry, containers: [ContainerSummary])] = []
        for entry in entries {
            let containers = found[entry.run.id.description] ?? []
            if Self.agrees(entry.run, with: containers) {
                agreeing.append(entry.run.id)
            } else {
                differing.append((entry, containers))
            }
        }
        runs.observed(agreeing, at: listedAt)
        if !differing.isEmpty, grace > .zero { try await Task.sleep(for: grace) }
        let changed = try await sideBySide(differing) { run in
            guard grace == .zero || runs.entry(run.entry.run.id)?.revision == run.entry.revision else {
                return false
            }
            return try await reconcile(run.entry, with: run.containers)
        }
        for (label, containers) in found {
            // Looks up the current state, not the entries from before: a run is recorded before its container is
            // created.
            guard let run = RunID(label), runs.entry(run) == nil else { continue }
            try await adopt(containers, of: run)
        }
        return changed
    }

    /// - Returns: the number of items for which `body` was true.
    private func sideBySide<Item: Sendable>(
        _ items: some Collection<Item>,
        _ body: @escaping @Sendable (Item) async throws -> Bool
    ) async throws -> Int {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            var count = 0
            for (index, item) in items.enumerated() {
                if index >= Self.width, try await group.next() == true { count += 1 }
                group.addTask { try await body(item) }
            }
            for try await isTrue in group where isTrue { count += 1 }
            return count
        }
    }

    /// Whether the run needs no closer check, given a list with these containers.
    ///
    /// A check is needed if the run lacks something that the engine knows: a record may be older than what events
    /// reported.
    private static func agrees(_ run: Run, with containers: [ContainerSummary]) -> Bool {
        switch run.state {
        case .failed, .lost, .removed: return containers.isEmpty
        case .pending, .pulling, .starting, .restarting: return false
        case .running, .paused, .exited: break
        }
        guard containers.count == 1, let container = containers.first, container.id == run.containerID,
            container.state == run.state.rawValue, run.startedAt != nil, let imageID = run.imageID,
            container.imageID ?? imageID == imageID
        else { return false }
        if run.state == .exited {
            return run.finishedAt != nil && (container.exitCode == nil || container.exitCode == run.exitCode)
        }
        return container.health == run.health && Set(container.publishedPorts.compactMap { Port($0) }) == Set(run.ports)
    }

    private func compare(_ id: RunID) async throws {
        guard let entry = runs.entry(id), entry.run.host == host else { return }
        _ = try await reconcile(entry, with: nil)
    }

    /// Like ``compare(_:with:)``, but if the engine rejects a request, only this run stays unchanged: the next
    /// comparison of all runs checks it again.
    private func reconcile(_ entry: RunCache.Entry, with containers: [ContainerSummary]?) async throws -> Bool {
        do {
            return try await compare(entry, with: containers)
        } catch let error as EngineError where !error.isConnectionFailure {
            logger.warning(
                "A run could not be compared with its container.",
                metadata: ["berth.run": "\(entry.run.name)", "error.message": "\(error)"]
            )
            return false
        }
    }

    /// - Parameters:
    ///   - entry: the run before the engine was queried for the containers.
    ///   - containers: all that carry the run's label; nil if the engine was not queried for them.
    /// - Returns: whether the run differed.
    private func compare(_ entry: RunCache.Entry, with containers: [ContainerSummary]?) async throws -> Bool {
        guard !entry.isUnderWay else { return false }
        let run = entry.run
        let found = try await find(run, among: containers)
        switch runs.reconcile(run.id, revision: entry.revision, found: found, now: .now()) {
        case .same: return false
        case .changed: return true
        case .outdated: reconcileQueue.add(run.id)
        case .removal(let changed): try await remove(found?.id, of: changed)
        }
        return false
    }

    /// The run's own container; if that is gone, the one that has replaced it.
    private func find(_ run: Run, among containers: [ContainerSummary]?) async throws -> Observation? {
        if let own = run.containerID, let found = try await engine.observation(of: own) { return found }
        let label = "\(ContainerLabels.runLabel)=\(run.id)"
        let containers = if let containers { containers } else { try await engine.containers(labels: [label]) }
        guard let successor = run.successor(among: containers) else { return nil }
        return try await engine.observation(of: successor)
    }

    private func remove(_ container: ContainerID?, of run: Run) async throws {
        guard let container else { return }
        logger.notice("Removing a container that was never started.", metadata: ["berth.run": "\(run.name)"])
        try await engine.removeContainer(container)
        runs.update(run.id) { _ in run }
    }
}

extension Engine {
    /// The state of the container; nil if there is none.
    func observation(of container: ContainerID) async throws -> Observation? {
        do {
            return Observation(try await self.container(container))
        } catch let error as EngineError where error.isNotFound {
            return nil
        }
    }
}
