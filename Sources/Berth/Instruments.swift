package import Metrics
package import Tracing

/// The destination of measurements: metrics for monitoring, and spans for the request that caused them.
package struct Instruments: Sendable {
    package let metrics: any MetricsFactory
    package let tracer: any Tracer

    package init(metrics: any MetricsFactory, tracer: any Tracer) {
        self.metrics = metrics
        self.tracer = tracer
    }

    /// Discards all measurements.
    package static let none = Instruments(metrics: NOOPMetricsHandler.instance, tracer: NoOpTracer())
}

// For events that are rare compared with the cost of looking up the instrument.
extension MetricsFactory {
    func count(_ name: String, _ labels: [(String, String)], by amount: Int = 1) {
        Counter(label: name, dimensions: labels, factory: self).increment(by: amount)
    }

    func record(_ duration: Duration, as name: String, _ labels: [(String, String)]) {
        Metrics.Timer(label: name, dimensions: labels, factory: self)
            .recordNanoseconds(Int64(duration / .nanoseconds(1)))
    }
}
