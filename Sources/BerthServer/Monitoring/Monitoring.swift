import Berth
import CoreMetrics

/// How the server is seen from outside: its metrics and its traces.
struct Monitoring: Sendable {
    /// Nil where nothing is counted; so is ``http``.
    let registry: MetricRegistry?
    let http: HTTPMetrics?
    let tracer: RequestTracer

    /// - Parameter exportsSpans: whether somebody takes the spans out of the tracer's queue.
    init(hasMetrics: Bool = true, exportsSpans: Bool = false) {
        registry = hasMetrics ? MetricRegistry() : nil
        http = registry.map { HTTPMetrics($0) }
        tracer = RequestTracer(queue: exportsSpans ? SpanQueue(registry ?? NOOPMetricsHandler.instance) : nil)
    }

    var instruments: Instruments {
        Instruments(metrics: registry ?? NOOPMetricsHandler.instance, tracer: tracer)
    }
}
