import CoreMetrics
import HTTPTypes
import Synchronization

/// Counts HTTP requests and responses.
///
/// Every request is counted, so its counters are found by one hash lookup and not created again.
final class HTTPMetrics: Sendable {
    private struct Key: Hashable {
        let method: HTTPRequest.Method
        let route: String
        let status: Int
    }

    private struct Instruments {
        let count: Counter
        let duration: CoreMetrics.Timer
    }

    private let metrics: any MetricsFactory
    private let routes = Mutex<[Key: Instruments]>([:])
    let inFlight: Meter
    let connections: Meter
    let receivedBytes: Counter
    let sentBytes: Counter
    let eventStreams: Meter
    let laggedStreams: Counter

    init(_ metrics: any MetricsFactory) {
        self.metrics = metrics
        inFlight = Meter(label: "berth_http_requests_in_flight", factory: metrics)
        connections = Meter(label: "berth_http_connections", factory: metrics)
        receivedBytes = Counter(label: "berth_http_received_bytes_total", factory: metrics)
        sentBytes = Counter(label: "berth_http_sent_bytes_total", factory: metrics)
        eventStreams = Meter(label: "berth_event_streams", factory: metrics)
        laggedStreams = Counter(label: "berth_event_streams_lagged_total", factory: metrics)
    }

    /// - Parameter route: its pattern; nil if no route matches, and then the method is an arbitrary text.
    func answered(_ method: HTTPRequest.Method, _ route: String?, _ status: HTTPResponse.Status, took: Duration) {
        let method = route != nil || Self.methods.contains(method) ? method : Self.other
        let instruments = instruments(Key(method: method, route: route ?? "none", status: status.code))
        instruments.count.increment()
        instruments.duration.recordNanoseconds(took.nanoseconds)
    }

    /// Records a response to input that is not HTTP, and its size in bytes.
    func answeredMalformed(bytes: Int) {
        sentBytes.increment(by: bytes)
        instruments(Key(method: Self.other, route: "malformed", status: 400)).count.increment()
    }

    private func instruments(_ key: Key) -> Instruments {
        routes.withLock { routes in
            if let instruments = routes[key] { return instruments }
            let labels = [("method", key.method.rawValue), ("route", key.route), ("status", "\(key.status)")]
            let made = Instruments(
                count: Counter(label: "berth_http_requests_total", dimensions: labels, factory: metrics),
                duration: CoreMetrics.Timer(
                    label: "berth_http_request_duration_seconds",
                    dimensions: labels,
                    factory: metrics
                )
            )
            routes[key] = made
            return made
        }
    }

    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]

    private static let other: HTTPRequest.Method = {
        guard let other = HTTPRequest.Method("other") else { preconditionFailure("letters are a method") }
        return other
    }()
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
