package import Tracing

/// Creates the spans of requests and of the work done for them.
///
/// Work that belongs to no request has no span. Every span is measured, for `Server-Timing`; spans of sampled traces
/// also go to the exporter, if there is one.
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
        guard kind == .server else { return .noRequest }
        return RequestSpan(operationName, of: context.caller, trace: nil, start: start, queue: queue)
    }

    /// The span of a request, as created by ``startSpan(_:context:ofKind:at:function:file:line:)``, but without
    /// building a context first: it is called for every request.
    ///
    /// - Parameter trace: the id of its trace if it has no caller.
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

    /// Injects the context if spans are exported, or if the request has a trace of its caller to continue.
    package func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let parent = context.parent, queue != nil || context.caller != nil else { return }
        injector.inject(parent.identity.text, forKey: "traceparent", into: &carrier)
    }
}

private enum ParentSpanKey: ServiceContextKey {
    typealias Value = RequestSpan
}

private enum CallerKey: ServiceContextKey {
    typealias Value = TraceParent
}

extension ServiceContext {
    /// The parent of the spans that are started in this context.
    var parent: RequestSpan? {
        get { self[ParentSpanKey.self] }
        set { self[ParentSpanKey.self] = newValue }
    }

    /// The caller's span, as stated by the request.
    var caller: TraceParent? {
        get { self[CallerKey.self] }
        set { self[CallerKey.self] = newValue }
    }
}
