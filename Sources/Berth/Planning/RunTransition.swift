/// What a change of a run means to those who count.
struct RunTransition: Sendable, Equatable {
    enum Event: Sendable, Equatable {
        case started
        /// Its container was started again, by its restart policy or by hand.
        case restarted
        case finished(End)
        /// It failed to start, and not while this server was starting it: whoever starts a run counts its failure.
        case interrupted
    }

    /// How a run that had started came to its end.
    enum End: String, Sendable {
        /// With exit code 0.
        case completed
        /// With another exit code.
        case error
        /// By the server, because somebody asked for it or because its time was over.
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

    /// Nil where it has none, or never started.
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
