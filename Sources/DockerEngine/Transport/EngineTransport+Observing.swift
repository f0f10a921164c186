import NIOHTTP1
import Synchronization
import Tracing

extension EngineTransport {
    /// Learns from a ping how long the way is.
    func recordRoundTrip(_ ping: Duration) { roundTrips.withLock { $0.record(ping) } }

    /// Has the observer learn of a call, however it ends; unless whoever made it does not want its answer any more.
    ///
    /// Two spans come of it: the call, of the layer `transport`, and within it what the engine is reckoned to have worked,
    /// of the layer `engine`. An engine does not say how long it worked, so the way's share is an estimate: the host's
    /// shortest recent ping, but never more than the call took. It is too low where the way was slower than at its best, or
    /// where the call needed a new connection; that time counts as the engine's. Neither a ping nor HTTP shows more: behind a
    /// tunnel a connection is accepted at once, and opened to the engine with the first request.
    ///
    /// - Parameters:
    ///   - function: the method of ``Engine``, as `#function` gives it.
    ///   - call: gets the headers by which the engine can add spans of its own.
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
