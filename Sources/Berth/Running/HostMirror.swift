import DockerEngine
import Logging

/// Keeps what memory says of one host's runs equal to what its engine says.
///
/// Subscribes to the events first, then compares everything, then what the events name. An event only says where to
/// look; what is there is read from the engine. A lost event is made up for by the comparison of everything, which comes
/// every minute.
struct HostMirror: Sendable {
    let host: HostName
    let engine: Engine
    let store: Store
    let runs: LiveRuns
    let dirty: DirtyRuns
    let logger: Logger

    private static let fullComparison = Duration.seconds(60)
    private static let pingInterval = Duration.seconds(8)

    /// Follows the engine until it cannot be followed any more.
    ///
    /// - Parameters:
    ///   - whenTrue: called once memory is right for the first time.
    ///   - onPing: called with how long the engine took to answer.
    /// - Throws: `EngineError`, or `CancellationError`.
    func follow(
        whenTrue: @escaping @Sendable () -> Void,
        onPing: @escaping @Sendable (Duration) -> Void
    ) async throws {
        let label = "\(ContainerLabels.instanceLabel)=\(store.instance)"
        let events = try await engine.events(types: ["container"], labels: [label])
        try await compareEverything()
        whenTrue()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await read(events) }
            group.addTask { try await settle() }
            group.addTask { try await ping(onPing) }
            group.addTask { try await compareRegularly() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Does nothing but mark: the engine drops, without a word, what a slow reader does not take.
    private func read(_ events: EngineStream<JSONLines<EngineEvent>>) async throws {
        for try await event in events {
            guard let run = event.actor.attributes?[ContainerLabels.runLabel] else { continue }
            dirty.mark(RunID(recorded: run))
        }
        throw EngineError.unreachable("the engine ended its stream of events")
    }

    private func settle() async throws {
        while true {
            switch try await dirty.take() {
            case .everything: try await compareEverything()
            case .runs(let ids): try await compare(ids)
            }
        }
    }

    /// An engine can hang behind a connection that stays open, and then nothing else would tell.
    private func ping(_ onPing: @Sendable (Duration) -> Void) async throws {
        while true {
            do {
                onPing(try await engine.ping())
            } catch EngineError.busy {
                // So much is asked of it that others would notice.
            }
            try await Task.sleep(for: Self.pingInterval)
        }
    }

    private func compareRegularly() async throws {
        while true {
            try await Task.sleep(for: Self.fullComparison)
            dirty.markEverything()
        }
    }

    private func compareEverything() async throws {
        let entries = runs.entries(on: host)
        let listedAt = Timestamp.now()
        let containers = try await engine.containers(labels: ["\(ContainerLabels.instanceLabel)=\(store.instance)"])
        let found = Dictionary(grouping: containers) { $0.labels?[ContainerLabels.runLabel] ?? "" }
        var agreeing: [RunID] = []
        for entry in entries {
            let containers = found[entry.run.id.description] ?? []
            if Self.agrees(entry.run, with: containers) {
                agreeing.append(entry.run.id)
            } else {
                try await settle(entry, with: containers.map(\.id))
            }
        }
        runs.observed(agreeing, at: listedAt)
        for (label, containers) in found {
            // Looked up now, not in the entries of before: a run is recorded before its container is made.
            guard let run = RunID(label), runs.entry(run) == nil else { continue }
            try await adopt(containers, of: run)
        }
    }

    /// A restored back-up or a lost database does not know what was run since: what carries this server's label is a run
    /// again.
    private func adopt(_ containers: [ContainerSummary], of run: RunID) async throws {
        do {
            guard let container = Adoption.candidate(among: containers) else { return }
            let details = try await engine.container(container.id)
            let image = try await imageConfig(of: details)
            guard let adoption = Adoption(of: run, on: host, details, image: image, now: .now()),
                let adopted = try await store.adopt(adoption)
            else { return }
            runs.add(adopted, observedAt: .now())
            dirty.mark(adopted.id)
            logger.notice("Adopted a container without a record.", metadata: ["run": "\(adopted.name)"])
        } catch let error as EngineError where error.isOfTheWay {
            throw error
        } catch {
            logger.warning(
                "A container without a record is not adopted yet.",
                metadata: ["run.id": "\(run)", "error": "\(error)"]
            )
        }
    }

    private func imageConfig(of details: ContainerDetails) async throws -> ImageConfig? {
        guard let image = try? ImageReference(details.config.image) else { return nil }
        do {
            return try await engine.image(image).config
        } catch let error as EngineError where error.isNotFound {
            return nil
        }
    }

    /// Whether a list that shows these containers can change nothing about the run.
    private static func agrees(_ run: Run, with containers: [ContainerSummary]) -> Bool {
        switch run.state {
        case .running, .paused: containers.count == 1 && containers[0].state == run.state.rawValue
        case .exited: containers.count == 1 && containers[0].state == "exited"
        case .failed, .lost, .removed: containers.isEmpty
        case .pending, .pulling, .starting, .restarting: false
        }
    }

    private func compare(_ ids: Set<RunID>) async throws {
        for id in ids {
            guard let entry = runs.entry(id), entry.run.host == host else { continue }
            if let container = entry.run.containerID {
                try await settle(entry, with: [container])
            } else {
                let found = try await engine.containers(labels: ["\(ContainerLabels.runLabel)=\(id)"])
                try await settle(entry, with: found.map(\.id))
            }
        }
    }

    /// As ``compare(_:with:)``, but what the engine says no to keeps only this run as it is: the next comparison of
    /// everything looks at it again.
    private func settle(_ entry: LiveRuns.Entry, with containers: [ContainerID]) async throws {
        do {
            try await compare(entry, with: containers)
        } catch let error as EngineError where !error.isOfTheWay {
            logger.warning(
                "A run could not be compared with its container.",
                metadata: ["run": "\(entry.run.name)", "error": "\(error)"]
            )
        }
    }

    /// - Parameter entry: the run as it was before the engine was asked for the containers.
    private func compare(_ entry: LiveRuns.Entry, with containers: [ContainerID]) async throws {
        guard !entry.isUnderWay else { return }
        let run = entry.run
        var found: Observation?
        for container in containers {
            guard let observation = try await observe(container) else { continue }
            // Labels can be copied. The recorded id decides; without one, the name that was given to the container.
            if run.containerID.map({ $0 == observation.id }) ?? (observation.name == run.name.description) {
                found = observation
            }
        }
        switch runs.settle(run.id, revision: entry.revision, found: found, now: .now()) {
        case .done: return
        case .outdated: dirty.mark(run.id)
        case .removal(let changed): try await remove(found?.id, of: changed)
        }
    }

    private func observe(_ container: ContainerID) async throws -> Observation? {
        do {
            return Observation(try await engine.container(container))
        } catch let error as EngineError where error.isNotFound {
            return nil
        }
    }

    private func remove(_ container: ContainerID?, of run: Run) async throws {
        guard let container else { return }
        logger.notice("Removing a container that was never started.", metadata: ["run": "\(run.name)"])
        try await engine.removeContainer(container)
        runs.update(run.id) { _ in run }
    }
}

extension EngineError {
    /// Whether it is about all of the engine, and not about the one container that it was asked for.
    fileprivate var isOfTheWay: Bool {
        switch self {
        case .unreachable, .timedOut: true
        case .status, .undecodable, .busy: false
        }
    }
}
