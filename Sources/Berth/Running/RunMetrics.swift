import DockerEngine
import Metrics
import Synchronization

/// Counts what happens to runs, by app.
final class RunMetrics: Sendable {
    /// Apps beyond this number are counted together, as `other`.
    private static let maximumApps = 1000

    private let factory: any MetricsFactory
    /// The counters of each app, to be destroyed when the app is deleted.
    private let counters = Mutex<[String: [Key: Counter]]>([:])

    private struct Key: Hashable {
        let name: String
        let reason: String?
    }

    init(_ factory: any MetricsFactory) { self.factory = factory }

    /// Counts the events of a transition.
    func record(_ transition: RunTransition) {
        for event in transition.events {
            switch event {
            case .started: count("berth_runs_started_total", transition.app)
            case .restarted: count("berth_run_restarts_total", transition.app)
            case .finished(let end): count("berth_runs_finished_total", transition.app, reason: end.rawValue)
            case .interrupted: failed(transition.app, because: "interrupted")
            }
        }
    }

    func failed(_ app: AppName, because reason: String) { count("berth_runs_failed_total", app, reason: reason) }

    func took(_ duration: Duration, for phase: RunPhase) {
        factory.record(duration, as: "berth_run_phase_duration_seconds", [("phase", phase.rawValue)])
    }

    /// Destroys the counters of a deleted app, so that names do not accumulate.
    func forget(_ app: AppName) {
        let forgotten = counters.withLock { $0.removeValue(forKey: app.description) }
        for counter in forgotten?.values.map({ $0 }) ?? [] { counter.destroy() }
    }

    private func count(_ name: String, _ app: AppName, reason: String? = nil) {
        let counter = counters.withLock { counters in
            let isKnown = counters[app.description] != nil
            let label = isKnown || counters.count < Self.maximumApps ? app.description : "other"
            if let counter = counters[label]?[Key(name: name, reason: reason)] { return counter }
            let labels = [("app", label)] + (reason.map { [("reason", $0)] } ?? [])
            let counter = Counter(label: name, dimensions: labels, factory: factory)
            counters[label, default: [:]][Key(name: name, reason: reason)] = counter
            return counter
        }
        counter.increment()
    }
}

/// The steps of a run's start whose durations are measured separately.
enum RunPhase: String {
    /// The run is recorded in the store.
    case record
    case pull
    case create
    case start
}
