package import Tracing

/// Who learns what is asked of an engine, and how long each call took.
package struct EngineObserver: Sendable {
    let tracer: any Tracer
    /// Of each call's span.
    let attributes: [String: String]
    /// Called at the end of each call; must return at once.
    let record: @Sendable (EngineCall) -> Void

    package init(
        tracer: any Tracer,
        attributes: [String: String] = [:],
        record: @escaping @Sendable (EngineCall) -> Void
    ) {
        self.tracer = tracer
        self.attributes = attributes
        self.record = record
    }

    /// Nobody.
    package static let none = EngineObserver(tracer: NoOpTracer()) { _ in }
}

/// One call of an engine, from the first byte to the answer's last; of a stream, to its beginning.
package struct EngineCall: Sendable {
    /// The method of ``Engine`` that made it, such as `createContainer`.
    package let operation: String
    package let took: Duration
    /// Why there was no answer, or the answer was no.
    package let error: EngineError?
}
