import NIOHTTP1
import Synchronization
import Tracing

extension EngineTransport {
    /// Records the duration of a ping as a measure of the connection's latency.
    func recordRoundTrip(_ ping: Duration) { roundTrips.withLock { $0.record(ping) } }

    /// Reports a call to the observer when it ends, unless its caller was cancelled.
    ///
    /// A call has two spans: the call itself, of the layer `transport`, and within it the estimated work of the engine,
    /// of the layer `engine`. An engine does not report how long it worked, so the connection's share is an estimate:
    /// the host's shortest recent ping, but never more than the call took. It is too low if the connection was slower
    /// than its best, or if the call needed a new connection; that time counts as the engine's. Neither a ping nor HTTP
    /// shows more: a tunnel accepts a connection at once and opens it to the engine with the first request.
    ///
    /// - Parameters:
    ///   - function: the method of ``Engine``, as given by `#function`.
    ///   - call: receives headers with which the engine can add spans of its own.
    func observed<Result>(_ function: String, _ call: (HTTPHeaders) async throws -> Result) async throws -> Result {
        let operation = String(function.prefix { $0 != "(" })
        let (start, began) = (ContinuousClock.now, DefaultTracerClock.now)
        let span = observer.tracer.startSpan(operation, ofKind: .client, at: began)
        span.attributes["layer"] = "transport"
        if span.isRecording {
            for (name, value) in observer.attributes { span.attributes[name] = value }
        }
        var headers = HTTPHeaders()
        observer.tracer.inject(span.context, into: &headers, using: HeaderInjector())
        do {
            let result = try await call(headers)
            end(span, operation, began, took: .now - start, error: nil)
            return result
        } catch {
            end(span, operation, began, took: .now - start, error: error)
            throw error
        }
    }

    private func end(
        _ span: any Span,
        _ operation: String,
        _ began: DefaultTracerClock.Timestamp,
        took: Duration,
        error: (any Error)?
    ) {
        let connection = min(took, roundTrips.withLock { $0.shortest })
        let engine = observer.tracer.startSpan("dockerd", context: span.context, at: began + connection / 2)
        engine.attributes["layer"] = "engine"
        engine.attributes["estimated"] = true
        engine.end(at: began + (took - connection / 2))
        if let error { span.recordError(error) }
        span.end(at: began + took)
        guard !(error is CancellationError) else { return }
        observer.record(EngineCall(operation: operation, took: took, error: error as? EngineError))
    }
}

private struct HeaderInjector: Injector {
    func inject(_ value: String, forKey key: String, into headers: inout HTTPHeaders) {
        headers.replaceOrAdd(name: key, value: value)
    }
}

extension DefaultTracerClock.Timestamp {
    fileprivate static func + (instant: Self, duration: Duration) -> Self {
        Self(nanosecondsSinceEpoch: instant.nanosecondsSinceEpoch + UInt64(max(0, duration / .nanoseconds(1))))
    }
}
