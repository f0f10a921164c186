/// What to do about a difference between a run's record and its host.
///
/// A pure decision without side effects.
///
/// Level-triggered: the same after a crash, a broken connection or a lost event.
enum Reconciliation: Sendable, Equatable {
    case nothing
    /// The record changes to this run.
    case record(Run)
    /// The container, which was never started, is removed; then the record changes to this run.
    case remove(Run)

    /// - Parameters:
    ///   - run: as recorded; this process is neither starting nor removing it.
    ///   - found: its container as the engine reports it; nil if there is none.
    ///   - end: the container's last end that an event reported; nil if there was none.
    ///   - now: the time for facts that have no time from the engine.
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
        "The server stopped, or lost the connection to the host, before the container was started. Run the app again."

    private static func withoutContainer(_ run: Run, now: Timestamp) -> Run {
        run.state.isBeingStarted && run.containerID == nil
            ? run.failed(because: interrupted, at: now) : run.afterContainerVanished(at: now)
    }

    private static func change(of run: Run, to changed: Run) -> Reconciliation {
        changed == run ? .nothing : .record(changed)
    }
}
