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
        run.containerID = observation.id
        run.reason = nil
        run.isOutOfMemory = observation.isOutOfMemory
        run.startedAt = observation.startedAt ?? startedAt
        run.finishedAt = run.state == .exited ? observation.finishedAt : nil
        run.exitCode = run.state == .exited ? observation.exitCode : nil
        return run
    }

    /// This run after its container was seen to be gone at `now`.
    func afterContainerVanished(at now: Timestamp) -> Run {
        var run = self
        switch state {
        case .exited: run.state = .removed
        case .failed, .lost, .removed: break
        case .pending, .pulling, .starting, .running, .paused, .restarting:
            run.state = .lost
            run.reason = "Its container was removed from the host by somebody else."
            run.finishedAt = now
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
