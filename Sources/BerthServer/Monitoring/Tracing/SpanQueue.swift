import CoreMetrics
import Synchronization
import Tracing

/// A span in the form that is exported.
struct FinishedSpan: Sendable {
    let identity: TraceParent
    /// Nil for the first span of its trace.
    let parent: UInt64?
    let name: String
    let kind: SpanKind
    /// In nanoseconds since 1970.
    let start: UInt64
    let end: UInt64
    let attributes: SpanAttributes
    /// Nil if it succeeded.
    let error: String?
}

/// A bounded queue of spans for the exporter; adding to it never waits.
final class SpanQueue: Sendable {
    private static let limit = 8192

    private let spans = Mutex<[FinishedSpan]>([])
    private let dropped: Counter

    init(_ metrics: any MetricsFactory) {
        dropped = Counter(
            label: "berth_trace_spans_dropped_total",
            dimensions: [("reason", "queue_full")],
            factory: metrics
        )
    }

    /// Drops the span if the queue is full.
    func add(_ span: FinishedSpan) {
        let isAdded = spans.withLock { spans in
            guard spans.count < Self.limit else { return false }
            spans.append(span)
            return true
        }
        if !isAdded { dropped.increment() }
    }

    func takeAll() -> [FinishedSpan] {
        spans.withLock { spans in
            defer { spans = [] }
            return spans
        }
    }
}
