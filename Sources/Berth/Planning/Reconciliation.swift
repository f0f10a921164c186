/// What to do about a difference between a run's record and what is on its host.
///
/// Decides and does nothing.
///
/// Level-triggered: the same after a crash, a broken connection or a lost event.
enum Reconciliation: Sendable, Equatable {
    case nothing
    /// The record becomes this.
    case record(Run)
    /// The container, which was never started, is removed; then the record becomes this.
    case remove(Run)

    /// - Parameters:
    ///   - run: as it is recorded; nobody in this process is at starting or removing it.
    ///   - found: its container as the engine sees it; nil when there is none.
    ///   - end: the last that an event told of the container; nil where none did.
    ///   - now: for what has no time of the engine's.
    init(of run: Run, found: Observation?, end: ContainerEnd? = nil, now: Timestamp) {
        guard let found else {
            let ended = end.flatMap { run.after($0) } ?? run
            self = Self.change(of: run, to: Self.withoutContainer(ended, now: now))
            return
        }
        switch found.phase {
        case .created where run.state.isBeingStarted:
            self = .remove(run.failed(because: Self.interrupted, at: now))
        case .created where run.state == .failed:
            self = .remove(run)
        default:
            self = Self.change(of: run, to: run.after(found))
        }
    }

    private static let interrupted =
        "The server stopped, or lost the host, before the container was started. Run the app again."

    private static func withoutContainer(_ run: Run, now: Timestamp) -> Run {
        run.state.isBeingStarted && run.containerID == nil
            ? run.failed(because: interrupted, at: now) : run.afterContainerVanished(at: now)
    }

    private static func change(of run: Run, to changed: Run) -> Reconciliation {
        changed == run ? .nothing : .record(changed)
    }
}
