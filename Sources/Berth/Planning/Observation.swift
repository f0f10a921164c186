import DockerEngine

/// What an engine says of a run's container.
struct Observation: Sendable, Equatable {
    let id: ContainerID
    /// Without Docker's slash.
    let name: String
    let phase: Phase
    let exitCode: Int
    let isOutOfMemory: Bool
    let startedAt: Timestamp?
    let finishedAt: Timestamp?
    /// As the container names it.
    let image: String
    /// The image's id, `sha256:…`.
    let imageID: String
    /// Why the engine could not start it, in its own words.
    let failure: String?
    /// Nil where there is no health check, and while it does not run.
    let health: ContainerHealth?
    /// As they are published; empty while it does not run.
    let ports: [Port]

    enum Phase: Sendable, Equatable {
        /// Made, never started.
        case created
        case running
        case paused
        case restarting
        case exited
        /// The engine is at removing it.
        case removing
    }

    /// From inspect's `State`, which is right where the list differs.
    init(_ details: ContainerDetails) {
        id = details.id
        name = String(details.name.drop { $0 == "/" })
        phase = Phase(details.state.status)
        exitCode = details.state.exitCode
        isOutOfMemory = details.state.oomKilled
        startedAt = Timestamp(engineTime: details.state.startedAt)
        finishedAt = Timestamp(engineTime: details.state.finishedAt)
        image = details.config.image
        imageID = String(details.image.prefix(128))
        failure = details.state.failure
        health = phase == .running || phase == .paused ? details.state.health : nil
        ports = details.publishedPorts.compactMap { Port($0) }
    }
}

extension Port {
    /// Nil for what no container has.
    init?(_ port: PublishedPort) {
        try? self.init(
            container: port.container.number,
            host: port.hostPort,
            address: port.hostAddress,
            transport: port.container.transport
        )
    }
}

extension Observation.Phase {
    init(_ status: String) {
        switch status {
        case "created": self = .created
        case "running": self = .running
        case "paused": self = .paused
        case "restarting": self = .restarting
        case "removing": self = .removing
        default: self = .exited
        }
    }
}

extension Run {
    /// This run after the engine said `observation` of its container.
    ///
    /// A container never goes back to `created`, so that such an answer is only late and changes nothing.
    func after(_ observation: Observation) -> Run {
        var run = self
        switch observation.phase {
        case .created, .removing: return run
        case .running: run.state = .running
        case .paused: run.state = .paused
        case .restarting: run.state = .restarting
        case .exited: run.state = .exited
        }
        // Another one in place of the run's own, which somebody has made with its labels.
        if containerID != nil, containerID != observation.id { run.image = observation.image }
        run.containerID = observation.id
        run.imageID = observation.imageID
        run.ports = observation.ports
        run.health = observation.health
        // What the server gave as the reason for an end holds as long as that end does.
        if state.status == .finished && state != .exited || run.state != .exited { run.reason = nil }
        if run.state == .exited, let failure = observation.failure { run.reason = failure }
        run.isOutOfMemory = observation.isOutOfMemory
        run.startedAt = observation.startedAt ?? startedAt
        run.finishedAt = run.state == .exited ? observation.finishedAt : nil
        run.exitCode = run.state == .exited ? observation.exitCode : nil
        return run
    }

    /// This run after its container was seen to be gone at `now`, by the server's clock.
    ///
    /// Its start is by the engine's clock, which may be ahead.
    func afterContainerVanished(at now: Timestamp) -> Run {
        var run = self
        run.forgetLive()
        switch state {
        case .exited: run.state = .removed
        case .failed, .lost, .removed: break
        case .pending, .pulling, .starting, .running, .paused, .restarting:
            run.state = .lost
            run.reason = "Its container was removed from the host by somebody else."
            run.finishedAt = max(now, startedAt ?? now)
        }
        return run
    }

    /// This run, never started, because of `reason`.
    func failed(because reason: String, at now: Timestamp) -> Run {
        var run = self
        run.state = .failed
        run.reason = reason
        run.finishedAt = now
        return run
    }
}
