import Berth
import CoreMetrics

/// The server's metrics and traces.
struct Monitoring: Sendable {
    /// Nil if metrics are disabled; so is ``http``.
    let registry: MetricRegistry?
    let http: HTTPMetrics?
    let tracer: RequestTracer

    /// - Parameter exportsSpans: whether an exporter takes spans from the tracer's queue.
    init(hasMetrics: Bool = true, exportsSpans: Bool = false) {
        registry = hasMetrics ? MetricRegistry() : nil
        http = registry.map { HTTPMetrics($0) }
        tracer = RequestTracer(queue: exportsSpans ? SpanQueue(registry ?? NOOPMetricsHandler.instance) : nil)
    }

    var instruments: Instruments {
        Instruments(metrics: registry ?? NOOPMetricsHandler.instance, tracer: tracer)
    }
}
