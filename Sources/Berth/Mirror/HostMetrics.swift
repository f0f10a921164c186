import DockerEngine
import Metrics

/// Counts the connection attempts and the requests of one host.
struct HostMetrics: Sendable {
    private let instruments: Instruments
    private let labels: [(String, String)]

    init(of host: HostName, _ instruments: Instruments) {
        self.instruments = instruments
        labels = [("host", host.description)]
    }

    func connected() { instruments.metrics.count("berth_host_connects_total", labels) }

    func failed(_ state: HostState) {
        let reason = ("reason", state.reason?.rawValue ?? "untrusted")
        instruments.metrics.count("berth_host_connection_failures_total", labels + [reason])
    }

    /// Records the delay of an event that was just applied.
    ///
    /// - Parameters:
    ///   - time: when the event happened, by the engine's clock.
    ///   - skew: how far that clock is ahead; nil if unknown, in which case the delay would be meaningless.
    func eventArrived(of time: Timestamp, skew: Duration?) {
        guard let skew else { return }
        let lag = Duration.milliseconds(Timestamp.now().milliseconds - time.milliseconds) + skew
        instruments.metrics.record(max(.zero, lag), as: "berth_mirror_event_lag_seconds", labels)
    }

    var observer: EngineObserver {
        EngineObserver(tracer: instruments.tracer, attributes: ["berth.host": labels[0].1]) {
            [metrics = instruments.metrics, labels] call in
            let labels = labels + [("operation", call.operation)]
            metrics.record(call.took, as: "berth_engine_call_duration_seconds", labels)
            guard let error = call.error else { return }
            metrics.count("berth_engine_call_errors_total", labels + [("reason", error.metricsReason)])
        }
    }
}

extension EngineError {
    fileprivate var metricsReason: String {
        switch self {
        case .unreachable: "unreachable"
        case .timedOut: "timed_out"
        case .undecodable: "undecodable"
        case .busy: "busy"
        case .status(let code, _): "\(code)"
        }
    }
}
