import DockerEngine

/// The state of a run's container as the engine reports it.
struct Observation: Sendable, Equatable {
    let id: ContainerID
    /// Without Docker's leading slash.
    let name: String
    let phase: Phase
    /// Nil if the engine has not seen its end.
    let exitCode: Int?
    let isOutOfMemory: Bool
    let startedAt: Timestamp?
    let finishedAt: Timestamp?
    /// The image's name as the container gives it.
    let image: String
    /// The image's id, `sha256:…`.
    let imageID: String
    /// Why the engine could not start it, in the engine's words.
    let failure: String?
    /// Nil without a health check, and while the container does not run.
    let health: ContainerHealth?
    /// The published ports; empty while the container does not run.
    let ports: [Port]

    /// Docker's words for it, which are the names of the cases; any other word means that it has ended.
    enum Phase: String, Sendable {
        /// Created, never started.
        case created
        case running
        case paused
        case restarting
        case exited
        /// The engine is removing it.
        case removing
    }

    private static let cutOff = "Its host, or the engine's service, ended before the container did."

    /// Reads the `State` of an inspect response, which is right where the list differs.
    init(_ details: ContainerDetails) {
        id = details.id
        name = String(details.name.drop { $0 == "/" })
        startedAt = Timestamp(engineTime: details.state.startedAt)
        // podman before 4.4 says `created` of a container that was running when its host went down.
        let isCutOff = details.state.status == "created" && startedAt != nil
        phase = isCutOff ? .exited : Phase(rawValue: details.state.status) ?? .exited
        exitCode = isCutOff ? nil : details.state.exitCode
        isOutOfMemory = details.state.oomKilled
        finishedAt = Timestamp(engineTime: details.state.finishedAt)
        image = details.config.image
        imageID = String(details.image.prefix(128))
        failure = details.state.failure ?? (isCutOff ? Self.cutOff : nil)
        health = phase == .running || phase == .paused ? details.state.health : nil
        ports = details.publishedPorts.compactMap { Port($0) }
    }
}

extension Port {
    /// Nil for a value that no container has.
    init?(_ port: PublishedPort) {
        try? self.init(
            container: port.container.number,
            host: port.hostPort,
            address: port.hostAddress,
            transport: port.container.transport
        )
    }
}

extension Run {
    /// This run after the engine reported `observation` for its container.
    ///
    /// A container never returns to `created`, so such a report is outdated and changes nothing.
    func after(_ observation: Observation) -> Run {
        var run = self
        switch observation.phase {
        case .created, .removing: return run
        case .running: run.state = .running
        case .paused: run.state = .paused
        case .restarting: run.state = .restarting
        case .exited: run.state = .exited
        }
        // Another container with the same labels has replaced the run's own.
        if containerID != nil, containerID != observation.id { run.image = observation.image }
        run.containerID = observation.id
        run.imageID = observation.imageID
        run.ports = observation.ports
        run.health = observation.health
        // The server's reason for an end remains valid for as long as that end does.
        if state.status == .finished && state != .exited || run.state != .exited { run.reason = nil }
        if run.state == .exited, let failure = observation.failure { run.reason = failure }
        run.isOutOfMemory = observation.isOutOfMemory
        run.startedAt = observation.startedAt ?? startedAt
        run.finishedAt = run.state == .exited ? observation.finishedAt : nil
        run.exitCode = run.state == .exited ? observation.exitCode : nil
        return run
    }

    /// This run after its container was found missing at `now`, by the server's clock.
    ///
    /// Its start time is by the engine's clock, which may be ahead.
    func afterContainerVanished(at now: Timestamp) -> Run {
        var run = self
        run.forgetLive()
        switch state {
        case .exited: run.state = .removed
        case .failed, .lost, .removed: break
        case .pending, .pulling, .starting, .running, .paused, .restarting:
            run.state = .lost
            run.reason = "Its container was removed outside Berth."
            run.finishedAt = max(now, startedAt ?? now)
        }
        return run
    }

    /// This run after its host was removed from Berth at `now`, by the server's clock: its container is no longer watched.
    func afterHostRemoved(at now: Timestamp) -> Run {
        guard state.status == .running else { return self }
        guard state != .pending else { return failed(because: "Its host was removed before it was started.", at: now) }
        var run = self
        run.forgetLive()
        run.state = .lost
        run.reason = "Its host was removed from Berth. Its container was left as it is, and is no longer watched."
        run.finishedAt = max(now, startedAt ?? now)
        return run
    }

    /// This run, failed before it started, because of `reason`.
    func failed(because reason: String, at now: Timestamp) -> Run {
        var run = self
        run.state = .failed
        run.reason = reason
        run.finishedAt = now
        return run
    }
}
