import Synchronization
package import Tracing

/// A part of a request's work: its name, start, end and attributes.
package final class RequestSpan: Tracing.Span {
    private struct State {
        var name: String
        var attributes = SpanAttributes()
        var layer: RequestLayers.Layer?
        var error: String?
        var hasEnded = false
    }

    let identity: TraceParent
    /// The sums of the whole request.
    let layers: RequestLayers
    private let parent: UInt64?
    private let kind: SpanKind
    private let base: ServiceContext
    private let caller: TraceParent?
    private let start: UInt64
    /// Nil if this span is not exported.
    private let queue: SpanQueue?
    private let state: Mutex<State>

    private init(
        _ name: String,
        _ kind: SpanKind,
        trace: TraceID,
        isSampled: Bool,
        parent: UInt64? = nil,
        layers: RequestLayers = RequestLayers(),
        base: ServiceContext = .topLevel,
        caller: TraceParent? = nil,
        start: UInt64,
        queue: SpanQueue?
    ) {
        identity = TraceParent(trace: trace, span: Identifiers.next(), isSampled: isSampled)
        self.caller = caller
        self.parent = parent
        self.layers = layers
        self.kind = kind
        self.base = base
        self.start = start
        self.queue = isSampled ? queue : nil
        state = Mutex(State(name: name))
    }

    /// A request's own span, of the caller's trace if it has one.
    convenience init(_ name: String, of caller: TraceParent?, trace: TraceID?, start: UInt64, queue: SpanQueue?) {
        self.init(
            name,
            .server,
            trace: caller?.trace ?? trace ?? TraceID(),
            isSampled: caller?.isSampled ?? (queue != nil),
            parent: caller?.span,
            caller: caller,
            start: start,
            queue: queue
        )
    }

    /// A part of `parent`.
    convenience init(
        _ name: String,
        _ kind: SpanKind,
        in context: ServiceContext,
        of parent: RequestSpan,
        start: UInt64,
        queue: SpanQueue?
    ) {
        self.init(
            name,
            kind,
            trace: parent.identity.trace,
            isSampled: parent.identity.isSampled,
            parent: parent.identity.span,
            layers: parent.layers,
            base: context,
            start: start,
            queue: queue
        )
    }

    /// The span of work that belongs to no request.
    static let noRequest = RequestSpan("", .internal, trace: TraceID(), isSampled: false, start: 0, queue: nil)

    package var context: ServiceContext {
        guard self !== Self.noRequest else { return base }
        var context = base
        if let caller { context.caller = caller }
        context.parent = self
        return context
    }

    /// Whether it is exported.
    package var isRecording: Bool { queue != nil }

    package var operationName: String {
        get { state.withLock { $0.name } }
        set { state.withLock { $0.name = newValue } }
    }

    package var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set {
            guard self !== Self.noRequest else { return }
            var layer: RequestLayers.Layer?
            if case .string(let name) = newValue["layer"]?.toSpanAttribute() {
                layer = RequestLayers.Layer(rawValue: name)
            }
            state.withLock { state in
                state.layer = layer
                state.attributes = newValue
            }
        }
    }

    package func setStatus(_ status: SpanStatus) {
        guard isRecording, status.code == .error else { return }
        state.withLock { $0.error = status.message ?? "" }
    }

    package func recordError<Instant: TracerInstant>(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> Instant
    ) {
        guard isRecording else { return }
        state.withLock { $0.error = "\(error)" }
    }

    /// Ignored: these spans have no events.
    package func addEvent(_ event: SpanEvent) {}

    /// Ignored: these spans have no links.
    package func addLink(_ link: SpanLink) {}

    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard self !== Self.noRequest else { return }
        let end = max(start, instant().nanosecondsSinceEpoch)
        let ended = state.withLock { state -> State? in
            guard !state.hasEnded else { return nil }
            state.hasEnded = true
            return state
        }
        guard let ended else { return }
        if let layer = ended.layer { layers.add(.nanoseconds(Int64(end - start)), to: layer) }
        queue?.add(
            FinishedSpan(
                identity: identity,
                parent: parent,
                name: ended.name,
                kind: kind,
                start: start,
                end: end,
                attributes: ended.attributes,
                error: ended.error
            )
        )
    }
}
