import FoundationEssentials
import NIOHTTP1
import Synchronization

/// A client of one Docker Engine, which uses the API version that was negotiated with it.
///
/// Every call has a deadline and is cancelled with its task; it throws `EngineError` or `CancellationError`.
/// Source of all routes, fields and statuses: the Docker Engine API reference, version 1.41 and later.
package struct Engine: Sendable {
    /// The API version that was negotiated with the engine.
    package let apiVersion: APIVersion
    /// The release of the engine itself, such as `20.10.24`.
    package let version: String

    private let transport: EngineTransport

    /// Requests the engine's versions and selects a common one.
    ///
    /// - Throws: `EngineVersionMismatch` when there is no common version, `EngineError` when there is no response.
    package static func negotiated(over transport: EngineTransport) async throws -> Engine {
        try await ping(over: transport)
        let body = try await transport.send(.GET, "/version", deadline: .seconds(5), operation: "version")
        let version = try decodeJSON(EngineVersion.self, from: body)
        guard let newest = APIVersion(version.apiVersion) else {
            throw EngineError.undecodable("its API version is not a version number")
        }
        let oldest = version.minAPIVersion.flatMap { APIVersion($0) } ?? .oldest
        let agreed = try APIVersion.agreed(engineOldest: oldest, engineNewest: newest)
        return Engine(apiVersion: agreed, version: singleLine(version.version), transport: transport)
    }

    /// Whether connections remain for streams beyond the necessary ones.
    package var hasRoomForStreams: Bool { transport.hasRoomForStreams }

    /// When the engine last completed a response.
    package var lastAnswer: ContinuousClock.Instant { transport.lastAnswer.withLock { $0 } }

    /// `GET /_ping`: checks that the engine responds, and measures how long that takes.
    @discardableResult
    package func ping() async throws -> Duration { try await Self.ping(over: transport) }

    @discardableResult
    private static func ping(over transport: EngineTransport) async throws -> Duration {
        let took = try await ContinuousClock().measure {
            _ = try await transport.send(
                .GET,
                "/_ping",
                deadline: .seconds(5),
                maximumBytes: 64 << 10,
                operation: "ping"
            )
        }
        transport.recordRoundTrip(took)
        return took
    }
}

// The kinds of call from which the endpoints are built. The observer identifies a call by the endpoint's name.
extension Engine {
    /// The decoded body of a response of at most `maximumBytes`.
    func get<Value: Decodable>(
        _ path: String,
        query: [(String, String)] = [],
        deadline: Duration = .seconds(15),
        maximumBytes: Int = 4 << 20,
        operation: String = #function
    ) async throws -> Value {
        let body = try await send(
            .GET,
            path,
            query: query,
            deadline: deadline,
            maximumBytes: maximumBytes,
            operation: operation
        )
        return try decodeJSON(Value.self, from: body)
    }

    /// The body of a response of at most `maximumBytes`, as received.
    @discardableResult
    func send(
        _ method: HTTPMethod,
        _ path: String,
        query: [(String, String)] = [],
        body: (any Encodable & Sendable)? = nil,
        deadline: Duration,
        maximumBytes: Int = 4 << 20,
        operation: String = #function
    ) async throws -> Data {
        let json = try body.map { try JSONEncoder().encode($0) }
        return try await transport.send(
            method,
            versioned(path),
            query: query,
            body: json,
            deadline: deadline,
            maximumBytes: maximumBytes,
            operation: operation
        )
    }

    func stream<Decoder: StreamDecoder>(
        _ method: HTTPMethod,
        _ path: String,
        query: [(String, String)],
        headers: HTTPHeaders = [:],
        deadline: Duration = .seconds(15),
        for purpose: ConnectionBudget.Purpose = .stream,
        decoder: Decoder,
        operation: String = #function
    ) async throws -> EngineStream<Decoder> {
        try await transport.stream(
            method,
            versioned(path),
            query: query,
            headers: headers,
            deadline: deadline,
            for: purpose,
            decoder: decoder,
            operation: operation
        )
    }

    func hijack<Result: Sendable>(
        _ path: String,
        body: some Encodable & Sendable,
        isFramed: Bool,
        deadline: Duration = .seconds(15),
        operation: String = #function,
        _ use: (HijackedConnection) async throws -> Result
    ) async throws -> Result {
        try await transport.hijack(
            versioned(path),
            body: try JSONEncoder().encode(body),
            isFramed: isFramed,
            deadline: deadline,
            operation: operation,
            use
        )
    }

    private func versioned(_ path: String) -> String { "/v\(apiVersion)\(path)" }
}

/// `filters` in Docker's format: a JSON object of lists.
func filtersJSON(_ filters: [String: [String]]) throws -> String {
    String(decoding: try JSONEncoder().encode(filters), as: UTF8.self)
}
