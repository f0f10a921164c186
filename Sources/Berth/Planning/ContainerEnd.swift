import DockerEngine

/// A container's end, as its event reports it.
///
/// The engine sends the event before it cleans up, and blocks inspect requests until it is done: some 100 ms. With the
/// event, a caller that waits for the end need not wait for the clean-up.
struct ContainerEnd: Sendable, Equatable {
    let id: ContainerID
    let exitCode: Int
    /// By the engine's clock.
    let time: Timestamp
    /// Whether the engine may start it again.
    let mayRestart: Bool

    /// Nil if the event does not report an end.
    init?(_ event: EngineEvent) {
        guard event.action == "die", let attributes = event.actor.attributes,
            let exitCode = attributes["exitCode"].flatMap({ Int($0) }), let id = ContainerID(event.actor.id)
        else { return nil }
        self.id = id
        mayRestart = attributes[ContainerLabels.restartLabel] != RestartPolicy.no.description
        self.exitCode = exitCode
        time = Timestamp(milliseconds: event.timeNano / 1_000_000)
    }
}

extension Run {
    /// This run after its container's end; nil if the end is another container's or an earlier one.
    func after(_ end: ContainerEnd) -> Run? {
        guard [.running, .paused, .restarting].contains(state), containerID == end.id, let startedAt,
            startedAt <= end.time
        else { return nil }
        var run = self
        run.state = .exited
        run.exitCode = end.exitCode
        run.finishedAt = end.time
        run.forgetLive()
        return run
    }
}
