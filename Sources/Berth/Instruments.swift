package import Metrics
package import Tracing

/// What is measured goes here: numbers for whoever watches the server, and spans for the request that caused them.
package struct Instruments: Sendable {
    package let metrics: any MetricsFactory
    package let tracer: any Tracer

    package init(metrics: any MetricsFactory, tracer: any Tracer) {
        self.metrics = metrics
        self.tracer = tracer
    }

    /// Nothing is kept.
    package static let none = Instruments(metrics: NOOPMetricsHandler.instance, tracer: NoOpTracer())
}

// For what is rare beside the look-up of the instrument.
extension MetricsFactory {
    func count(_ name: String, _ labels: [(String, String)], by amount: Int = 1) {
        Counter(label: name, dimensions: labels, factory: self).increment(by: amount)
    }

    func record(_ duration: Duration, as name: String, _ labels: [(String, String)]) {
        Metrics.Timer(label: name, dimensions: labels, factory: self)
            .recordNanoseconds(Int64(duration / .nanoseconds(1)))
    }
}
