/// What a change of a run means for the metrics.
struct RunTransition: Sendable, Equatable {
    enum Event: Sendable, Equatable {
        case started
        /// Its container was started again, by its restart policy or by a user.
        case restarted
        case finished(End)
        /// The run failed to start, but not in a start by this process, which would count the failure itself.
        case interrupted
    }

    /// How a started run ended.
    enum End: String, Sendable {
        /// With exit code 0.
        case completed
        /// With another exit code.
        case error
        /// Stopped by the server, on request or because its maximum runtime was over.
        case stopped
        case outOfMemory = "out_of_memory"
        case lost
        case removed
    }

    let app: AppName
    let events: [Event]

    /// - Parameter isLocked: whether this server is starting, stopping or removing the run.
    init(from earlier: Run, to run: Run, isLocked: Bool = false) {
        var events: [Event] = []
        if run.state == .failed, earlier.state != .failed, !isLocked { events.append(.interrupted) }
        if earlier.state.isBeingStarted, run.hasStarted { events.append(.started) }
        if let first = earlier.startedAt, let latest = run.startedAt, first != latest { events.append(.restarted) }
        if earlier.state.status == .running, let end = run.end(isLocked: isLocked) { events.append(.finished(end)) }
        app = run.app
        self.events = events
    }
}

extension Run {
    fileprivate var hasStarted: Bool {
        !state.isBeingStarted && state != .failed && state != .lost && state != .removed
    }

    /// Nil if the run has not ended, or never started.
    fileprivate func end(isLocked: Bool) -> RunTransition.End? {
        switch state {
        case .exited where isOutOfMemory: .outOfMemory
        case .exited where isLocked: .stopped
        case .exited: exitCode == 0 ? .completed : .error
        case .lost: .lost
        case .removed: .removed
        case .failed, .pending, .pulling, .starting, .running, .paused, .restarting: nil
        }
    }
}
