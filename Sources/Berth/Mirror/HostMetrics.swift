import DockerEngine
import Metrics
import Synchronization

/// Counts the connection attempts and the requests of one host.
final class HostMetrics: Sendable {
    private let instruments: Instruments
    private let labels: [(String, String)]
    private let series = Mutex(Series())

    /// The metrics of the host so far, to be destroyed when it is removed.
    private struct Series {
        var counters: [[String]: Counter] = [:]
        var timers: [[String]: Metrics.Timer] = [:]
        var isDestroyed = false
    }

    init(of host: HostName, _ instruments: Instruments) {
        self.instruments = instruments
        labels = [("host", host.description)]
    }

    func connected() { count("berth_host_connects_total") }

    func failed(_ state: HostState) {
        count("berth_host_connection_failures_total", ("reason", state.reason?.rawValue ?? "untrusted"))
    }

    /// Records the delay of an event that was just applied.
    ///
    /// - Parameters:
    ///   - time: when the event happened, by the engine's clock.
    ///   - skew: how far that clock is ahead; nil if unknown, in which case the delay would be meaningless.
    func eventArrived(of time: Timestamp, skew: Duration?) {
        guard let skew else { return }
        let lag = Duration.milliseconds(Timestamp.now().milliseconds - time.milliseconds) + skew
        record(max(.zero, lag), as: "berth_mirror_event_lag_seconds")
    }

    var observer: EngineObserver {
        EngineObserver(tracer: instruments.tracer, attributes: ["berth.host": labels[0].1]) { call in
            let operation = ("operation", call.operation)
            self.record(call.took, as: "berth_engine_call_duration_seconds", operation)
            guard let error = call.error else { return }
            self.count("berth_engine_call_errors_total", operation, ("reason", error.metricsReason))
        }
    }

    /// Destroys the metrics of a removed host, so that names do not accumulate; calls that still end are not counted.
    func destroy() {
        let last = series.withLock { series in
            defer { series = Series(isDestroyed: true) }
            return series
        }
        for counter in last.counters.values { counter.destroy() }
        for timer in last.timers.values { timer.destroy() }
    }

    private func count(_ name: String, _ more: (String, String)...) {
        let counter = series.withLock { series -> Counter? in
            guard !series.isDestroyed else { return nil }
            let key = [name] + more.map(\.1)
            let counter =
                series.counters[key]
                ?? Counter(label: name, dimensions: labels + more, factory: instruments.metrics)
            series.counters[key] = counter
            return counter
        }
        counter?.increment()
    }

    private func record(_ duration: Duration, as name: String, _ more: (String, String)...) {
        let timer = series.withLock { series -> Metrics.Timer? in
            guard !series.isDestroyed else { return nil }
            let key = [name] + more.map(\.1)
            let timer =
                series.timers[key]
                ?? Metrics.Timer(label: name, dimensions: labels + more, factory: instruments.metrics)
            series.timers[key] = timer
            return timer
        }
        timer?.recordNanoseconds(Int64(duration / .nanoseconds(1)))
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
