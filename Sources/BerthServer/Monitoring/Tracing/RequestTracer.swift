package import Tracing

/// Makes the spans of requests: each request's own, and those of what is done for it.
///
/// What belongs to no request has none. Every span is measured, for `Server-Timing`; those of traces that are kept go to the
/// exporter as well, if there is one.
package struct RequestTracer: Tracer {
    /// Nil where no spans are exported.
    let queue: SpanQueue?

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> ServiceContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> RequestSpan {
        let context = context()
        let start = instant().nanosecondsSinceEpoch
        if let parent = context.parent {
            return RequestSpan(operationName, kind, in: context, of: parent, start: start, queue: queue)
        }
        guard kind == .server else { return .nobodys }
        return RequestSpan(operationName, of: context.caller, trace: nil, start: start, queue: queue)
    }

    /// The span of a request, as ``startSpan(_:context:ofKind:at:function:file:line:)`` makes it, without a context to be
    /// put together first: there is one for every request.
    ///
    /// - Parameter trace: what its trace is to be called where it has no caller's.
    func startRequest(_ name: String, of caller: TraceParent?, trace: TraceID?) -> RequestSpan {
        let now = DefaultTracerClock.now.nanosecondsSinceEpoch
        return RequestSpan(name, of: caller, trace: trace, start: now, queue: queue)
    }

    package func forceFlush() {}

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout ServiceContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let text = extractor.extract(key: "traceparent", from: carrier) else { return }
        context.caller = TraceParent(text)
    }

    /// Where spans are exported, or the request came with a trace of its own that goes on.
    package func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let parent = context.parent, queue != nil || context.caller != nil else { return }
        injector.inject(parent.identity.text, forKey: "traceparent", into: &carrier)
    }
}

/// The span that a span is a part of.
struct ParentSpan: Sendable {
    let identity: TraceParent
    let layers: RequestLayers
}

private enum ParentSpanKey: ServiceContextKey {
    typealias Value = ParentSpan
}

private enum CallerKey: ServiceContextKey {
    typealias Value = TraceParent
}

extension ServiceContext {
    var parent: ParentSpan? {
        get { self[ParentSpanKey.self] }
        set { self[ParentSpanKey.self] = newValue }
    }

    /// What the request said that it is a part of.
    var caller: TraceParent? {
        get { self[CallerKey.self] }
        set { self[CallerKey.self] = newValue }
    }
}
