import FoundationEssentials
import NIOHTTP1
import Synchronization

/// A client of one Docker Engine, speaking the API version that was agreed with it.
///
/// Every call has a deadline and is cancelled with its task; it throws `EngineError`, or `CancellationError`.
/// Source of all routes, fields and statuses: the Docker Engine API reference, version 1.41 and later.
package struct Engine: Sendable {
    /// The API version agreed with the engine.
    package let apiVersion: APIVersion
    /// Of the engine itself, such as `20.10.24`.
    package let version: String

    private let transport: EngineTransport

    /// Asks the engine for its versions and agrees on one.
    ///
    /// - Throws: `EngineVersionMismatch` when there is none in common, `EngineError` when it gives no answer.
    package static func negotiated(over transport: EngineTransport) async throws -> Engine {
        try await ping(over: transport)
        let body = try await transport.send(.GET, "/version", deadline: .seconds(5), operation: "version")
        let version = try decodeJSON(EngineVersion.self, from: body)
        guard let newest = APIVersion(version.apiVersion) else {
            throw EngineError.undecodable("its API version is no version")
        }
        let oldest = version.minAPIVersion.flatMap { APIVersion($0) } ?? .oldest
        let agreed = try APIVersion.agreed(engineOldest: oldest, engineNewest: newest)
        return Engine(apiVersion: agreed, version: singleLine(version.version), transport: transport)
    }

    /// Whether more than the streams that are needed can be open at once.
    package var hasRoomForStreams: Bool { transport.hasRoomForStreams }

    /// When the engine last answered a call to its end.
    package var lastAnswer: ContinuousClock.Instant { transport.lastAnswer.withLock { $0 } }

    /// `GET /_ping`: whether the engine answers, and how long that takes.
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

// The ways to call, on which the endpoints are built. The observer knows a call by the endpoint's name.
extension Engine {
    /// A whole answer of at most `maximumBytes`, decoded.
    func get<Value: Decodable>(
        _ path: String,
        query: [(String, String)] = [],
        deadline: Duration = .seconds(15),
        maximumBytes: Int = 4 << 20,
        operation: String = #function
    ) async throws -> Value {
        let body = try await body(
            of: path,
            query: query,
            deadline: deadline,
            maximumBytes: maximumBytes,
            operation: operation
        )
        return try decodeJSON(Value.self, from: body)
    }

    /// A whole answer as it came.
    func body(
        of path: String,
        query: [(String, String)],
        deadline: Duration,
        maximumBytes: Int,
        operation: String = #function
    ) async throws -> Data {
        try await transport.send(
            .GET,
            versioned(path),
            query: query,
            deadline: deadline,
            maximumBytes: maximumBytes,
            operation: operation
        )
    }

    /// The answer's body, for the caller to decode.
    @discardableResult
    func post(
        _ path: String,
        query: [(String, String)] = [],
        body: (any Encodable & Sendable)? = nil,
        deadline: Duration,
        operation: String = #function
    ) async throws -> Data {
        let json = try body.map { try JSONEncoder().encode($0) }
        return try await transport.send(
            .POST,
            versioned(path),
            query: query,
            body: json,
            deadline: deadline,
            operation: operation
        )
    }

    func delete(
        _ path: String,
        query: [(String, String)] = [],
        deadline: Duration,
        operation: String = #function
    ) async throws {
        _ = try await transport.send(
            .DELETE,
            versioned(path),
            query: query,
            deadline: deadline,
            operation: operation
        )
    }

    func stream<Decoder: StreamDecoder>(
        _ method: HTTPMethod,
        _ path: String,
        query: [(String, String)],
        deadline: Duration = .seconds(15),
        decoder: Decoder,
        operation: String = #function
    ) async throws -> EngineStream<Decoder> {
        try await transport.stream(
            method,
            versioned(path),
            query: query,
            deadline: deadline,
            decoder: decoder,
            operation: operation
        )
    }

    private func versioned(_ path: String) -> String { "/v\(apiVersion)\(path)" }
}

/// `filters` as Docker takes them: a JSON object of lists.
func filtersJSON(_ filters: [String: [String]]) throws -> String {
    String(decoding: try JSONEncoder().encode(filters), as: UTF8.self)
}
