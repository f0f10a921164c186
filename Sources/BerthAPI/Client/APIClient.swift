import AsyncHTTPClient
import Glibc
package import JSON
import NIOCore
import NIOHTTP1
import NIOPosix

/// A client of a server's HTTP API.
///
/// Calls throw `APIError`, or `CancellationError` when the calling task was cancelled. Sequential calls share a
/// connection.
package struct APIClient: Sendable {
    package let address: APIAddress
    private let token: String?
    private let client: HTTPClient

    /// Passes a client to `body` and closes its connections afterwards.
    ///
    /// - Parameter token: sent to this address only, since redirects are not followed; nil for none.
    package static func with<Result>(
        _ address: APIAddress,
        token: String? = nil,
        _ body: (APIClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5)),
            // The server closes a connection that was idle for a minute.
            connectionPool: .init(idleTimeout: .seconds(30)),
            decompression: .disabled
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            configuration: configuration
        )
        do {
            let result = try await body(APIClient(address: address, token: token, client: client))
            try? await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    /// Calls an endpoint and decodes its response.
    ///
    /// - Parameters:
    ///   - names: the value for each name in braces in its path.
    ///   - query: its parameters.
    /// - Returns: the response, and the time spent in each layer; nil if the response does not say.
    /// - Throws: `APIError`; ``APIError/unexpected(_:)`` for a response of another form.
    package func call<Answer: JSONAnswer>(
        _ endpoint: Endpoint<Answer>,
        _ names: [String: String] = [:],
        query: KeyValuePairs<String, String> = [:],
        body: JSONValue? = nil,
        deadline: Duration = .seconds(60)
    ) async throws -> (value: Answer, times: LayerTimes?) {
        let (bytes, times) = try await send(request(endpoint.facts, names, query, body), deadline: deadline)
        do {
            let json = try JSONReader.parse(bytes.readableBytesView)
            return (try Answer.decoder.read(json, .root), times)
        } catch let error as FieldErrors {
            let reasons = error.errors.map { "\($0.pointer) \($0.detail)" }.joined(separator: ", ")
            throw APIError.unexpected("the response to \(endpoint.facts.path) has an unexpected form: \(reasons)")
        } catch {
            throw APIError.unexpected("it did not send JSON: \(error)")
        }
    }

    /// Calls an endpoint and discards its response.
    package func call<Answer>(
        unread endpoint: Endpoint<Answer>,
        _ names: [String: String] = [:],
        query: KeyValuePairs<String, String> = [:],
        deadline: Duration = .seconds(60)
    ) async throws {
        _ = try await send(request(endpoint.facts, names, query, nil), deadline: deadline)
    }

    /// Events from now on, until the reader or the server stops.
    ///
    /// - Parameter app: the app whose events are requested.
    package func events(ofApp app: String) async throws -> APIEvents {
        let request = request(Endpoint.events.facts, [:], ["app": app], nil)
        do {
            let response = try await client.execute(request, timeout: .hours(24))
            guard response.status.code < 300 else {
                throw problem(Int(response.status.code), try await response.body.collect(upTo: 1 << 20))
            }
            return APIEvents(address: address, body: response.body)
        } catch {
            throw apiError(from: error, at: address)
        }
    }
}

extension APIClient {
    private func request(
        _ endpoint: EndpointFacts,
        _ names: [String: String],
        _ query: KeyValuePairs<String, String>,
        _ body: JSONValue?
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: baseURL + endpoint.target(names, query))
        request.method = HTTPMethod(rawValue: endpoint.method.rawValue)
        // Over a Unix socket the default would be the socket's path.
        if case .unixSocket = address { request.headers.replaceOrAdd(name: "host", value: "berth") }
        if let token { request.headers.replaceOrAdd(name: "authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.replaceOrAdd(name: "content-type", value: "application/json")
            request.body = .bytes(body.encoded())
        }
        return request
    }

    private var baseURL: String {
        switch address {
        case .http, .https: "\(address)"
        case .unixSocket(let path): "http+unix://" + percentEncoded(path)
        }
    }

    private func send(
        _ request: HTTPClientRequest,
        deadline: Duration
    ) async throws -> (body: ByteBuffer, times: LayerTimes?) {
        let limit = TimeAmount(deadline)
        do {
            let response = try await client.execute(request, timeout: limit)
            let body = try await response.body.collect(upTo: 64 << 20)
            let status = Int(response.status.code)
            guard (200..<300).contains(status) else { throw problem(status, body) }
            let times = response.headers.first(name: "server-timing").flatMap { LayerTimes(field: $0) }
            return (body, times)
        } catch let error as HTTPClientError where error == .deadlineExceeded {
            throw APIError.timedOut(deadline)
        } catch {
            throw apiError(from: error, at: address)
        }
    }
}

/// Converts an error response of the server.
private func problem(_ status: Int, _ body: ByteBuffer) -> APIError {
    guard let json = try? JSONReader.parse(body.readableBytesView),
        let problem = try? ProblemJSON.decoder.read(json, .root)
    else { return .unexpected("it responded with \(status) without a reason") }
    return .problem(problem)
}

/// Converts an error of the HTTP client to an `APIError`.
func apiError(from error: any Error, at address: APIAddress) -> any Error {
    switch error {
    case is APIError: error
    case _ where Task.isCancelled: CancellationError()
    case is NIOTooManyBytesError: APIError.unexpected("the response is too large")
    case is HTTPParserError: APIError.unexpected("it does not respond with HTTP")
    default: APIError.unreachable(address, reason: reason(of: error))
    }
}

private func reason(of error: any Error) -> String {
    switch error {
    case let error as IOError: String(cString: strerror(error.errnoCode))
    case let error as NIOConnectionError:
        error.connectionErrors.first.map { reason(of: $0.error) } ?? "the host name cannot be resolved"
    case let error as HTTPClientError where error == .remoteConnectionClosed: "it closed the connection"
    case let error as HTTPClientError where error == .connectTimeout: "it does not accept connections"
    default: "\(error)"
    }
}
