package import DockerEngine

/// The steps that start a run: each outcome determines the next step.
///
/// A pure decision without side effects.
///
/// The image is not checked first: `create` fails if it is missing, and in most cases it is there.
package struct RunPlan: Sendable {
    package enum Step: Sendable, Equatable {
        case create
        case pull
        /// The name is taken on the engine. If the run's own container has it, continue with that container; otherwise
        /// choose another name, then create.
        case rename
        case start(ContainerID)
        /// Remove a container that could not be started, so that a failed run leaves nothing behind.
        case remove(ContainerID)
        case end(End)
    }

    package enum End: Sendable, Equatable {
        case started(ContainerID)
        /// The engine reported this error; there is no container.
        case failed(EngineError)
        /// The start was cancelled; there is no container.
        case cancelled
        /// The policy has denied the start meanwhile; there is no container.
        case denied(PolicyDenial)
        /// The outcome at the engine is unknown.
        ///
        /// The run is reconciled when the engine responds again.
        case open(EngineError)
    }

    /// The outcome of a step.
    package enum Outcome: Sendable, Equatable {
        case done
        case created(ContainerID)
        case error(EngineError)
    }

    private var state = State.creating(hasPulled: false)
    private var renames = 0

    private enum State: Sendable {
        case creating(hasPulled: Bool)
        case pulling
        case renaming(hasPulled: Bool)
        case starting(ContainerID)
        case removing(before: End)
        case ended
    }

    /// - Parameters:
    ///   - container: one that an earlier attempt has created and not started.
    ///   - pullsFirst: whether to pull the image even if the host has it.
    package init(found container: ContainerID? = nil, pullsFirst: Bool = false) {
        if let container {
            state = .starting(container)
        } else if pullsFirst {
            state = .pulling
        }
    }

    package var first: Step {
        switch state {
        case .starting(let container): .start(container)
        case .pulling: .pull
        default: .create
        }
    }

    package mutating func next(after outcome: Outcome) -> Step {
        switch (state, outcome) {
        // After a name conflict, the container that has the name may be this run's own.
        case (.creating, .created(let id)), (.renaming, .created(let id)):
            state = .starting(id)
            return .start(id)
        case (.creating(let hasPulled), .error(let error)):
            return afterFailedCreate(error, hasPulled: hasPulled)
        case (.pulling, .done):
            state = .creating(hasPulled: true)
            return .create
        case (.renaming(let hasPulled), .done):
            state = .creating(hasPulled: hasPulled)
            return .create
        case (.starting(let id), .done):
            return end(.started(id))
        case (.starting(let id), .error(let error)):
            if error.leavesOutcomeOpen { return end(.open(error)) }
            state = .removing(before: .failed(error))
            return .remove(id)
        case (.removing(let end), _):
            // If the removal failed, the next reconciliation of the host repeats it.
            return self.end(end)
        case (_, .error(let error)):
            return end(error.leavesOutcomeOpen && !isPulling ? .open(error) : .failed(error))
        case (_, .created), (.creating, .done), (.ended, .done):
            return end(.failed(.undecodable("unexpected result of a step")))
        }
    }

    /// The step that replaces the next one after the run was cancelled or denied.
    package mutating func cancel(_ end: End = .cancelled) -> Step {
        guard case .starting(let id) = state else { return self.end(end) }
        state = .removing(before: end)
        return .remove(id)
    }

    /// A failed pull leaves no container, even if the state of the image is unknown.
    private var isPulling: Bool { if case .pulling = state { true } else { false } }

    private mutating func afterFailedCreate(_ error: EngineError, hasPulled: Bool) -> Step {
        if error.isNotFound, !hasPulled {
            state = .pulling
            return .pull
        }
        if error.isConflict, renames < 5 {
            renames += 1
            state = .renaming(hasPulled: hasPulled)
            return .rename
        }
        return end(error.leavesOutcomeOpen ? .open(error) : .failed(error))
    }

    private mutating func end(_ end: End) -> Step {
        state = .ended
        return .end(end)
    }
}

extension RunPlan: CustomStringConvertible {
    /// The steps to a started container if each succeeds, such as `pull, create, start`.
    package var description: String {
        var plan = self
        var step = plan.first
        var steps: [String] = []
        // Which container it will be is not known yet.
        let created = ContainerID(String(repeating: "0", count: 64)).map { Outcome.created($0) } ?? .done
        while true {
            if case .end = step { return steps.joined(separator: ", ") }
            steps.append("\(step)")
            step = plan.next(after: step == .create ? created : .done)
        }
    }
}

extension RunPlan.Step: CustomStringConvertible {
    package var description: String {
        switch self {
        case .create: "create"
        case .pull: "pull"
        case .rename: "rename"
        case .start: "start"
        case .remove: "remove"
        case .end(.started): "started"
        case .end(.failed(let error)): "failed: \(error.reason)"
        case .end(.cancelled): "cancelled"
        case .end(.denied(let denial)): "denied: \(denial)"
        case .end(.open(let error)): "outcome unknown: \(error.reason)"
        }
    }
}
