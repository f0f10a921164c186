import Berth

/// How the server is seen from outside: its metrics and its traces.
struct Monitoring: Sendable {
    let registry: MetricRegistry
    let tracer: RequestTracer
    let http: HTTPMetrics

    /// - Parameter exportsSpans: whether somebody takes the spans out of the tracer's queue.
    init(exportsSpans: Bool = false) {
        registry = MetricRegistry()
        tracer = RequestTracer(queue: exportsSpans ? SpanQueue(registry) : nil)
        http = HTTPMetrics(registry)
    }

    var instruments: Instruments { Instruments(metrics: registry, tracer: tracer) }
}
