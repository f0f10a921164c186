package import Tracing

/// Receives a record of every call of an engine and how long it took.
package struct EngineObserver: Sendable {
    let tracer: any Tracer
    /// Attributes of every call's span.
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

    /// An observer that records nothing.
    package static let none = EngineObserver(tracer: NoOpTracer()) { _ in }
}

/// One call of an engine, timed from the request's first byte to the response's last; for a stream, to its beginning.
package struct EngineCall: Sendable {
    /// The method of ``Engine`` that made it, such as `createContainer`.
    package let operation: String
    package let took: Duration
    /// Why the call failed or was refused; nil if it succeeded.
    package let error: EngineError?
}
