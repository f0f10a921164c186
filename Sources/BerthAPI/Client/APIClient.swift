import AsyncHTTPClient
import Glibc
package import JSON
import NIOCore
import NIOHTTP1
import NIOPosix

/// A client of a server's HTTP API.
///
/// Calls throw `APIError`, or `CancellationError` when the calling task was cancelled. Calls one after the other share a
/// connection.
package struct APIClient: Sendable {
    package let address: APIAddress
    private let client: HTTPClient

    /// Hands a client to `body` and closes its connections afterwards.
    package static func with<Result>(
        _ address: APIAddress,
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
            let result = try await body(APIClient(address: address, client: client))
            try? await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    /// - Parameter path: with its query, encoded.
    package func get(_ path: String, deadline: Duration = .seconds(30)) async throws -> APIAnswer {
        try await send(request(.GET, path), deadline: deadline)
    }

    package func post(
        _ path: String,
        _ body: JSONValue? = nil,
        deadline: Duration = .seconds(60)
    ) async throws -> APIAnswer {
        var request = request(.POST, path)
        if let body {
            request.headers.replaceOrAdd(name: "content-type", value: "application/json")
            request.body = .bytes(body.encoded())
        }
        return try await send(request, deadline: deadline)
    }

    @discardableResult
    package func delete(_ path: String, deadline: Duration = .seconds(60)) async throws -> APIAnswer {
        try await send(request(.DELETE, path), deadline: deadline)
    }

    /// `GET /v1/events`: what happens from now on, until the reader stops or the server does.
    ///
    /// - Parameter app: the only one to hear of; its name is taken as it is.
    package func events(ofApp app: String) async throws -> APIEvents {
        let request = request(.GET, "/v1/events?app=\(app)")
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
    private func request(_ method: HTTPMethod, _ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = method
        // Over a Unix socket it would be the socket's path.
        if case .unixSocket = address { request.headers.replaceOrAdd(name: "host", value: "berth") }
        return request
    }

    private var baseURL: String {
        switch address {
        case .http: "\(address)"
        case .unixSocket(let path): "http+unix://" + path.utf8.map(percentEncoded).joined()
        }
    }

    private func send(_ request: HTTPClientRequest, deadline: Duration) async throws -> APIAnswer {
        let limit = TimeAmount(deadline)
        do {
            let response = try await client.execute(request, timeout: limit)
            let body = try await response.body.collect(upTo: 64 << 20)
            let status = Int(response.status.code)
            guard (200..<300).contains(status) else { throw problem(status, body) }
            let times = response.headers.first(name: "server-timing").flatMap { LayerTimes(field: $0) }
            return APIAnswer(status: status, times: times, body: body)
        } catch let error as HTTPClientError where error == .deadlineExceeded {
            throw APIError.timedOut(deadline)
        } catch {
            throw apiError(from: error, at: address)
        }
    }
}

/// What the server said in place of an answer.
private func problem(_ status: Int, _ body: ByteBuffer) -> APIError {
    guard let json = try? JSONReader.parse(body.readableBytesView), let code = json.text(at: "code"),
        let detail = json.text(at: "detail")
    else { return .strange("it answers \(status) and does not say why") }
    return .problem(status: status, code: code, detail: detail)
}

/// What went wrong in HTTP, in this client's terms.
func apiError(from error: any Error, at address: APIAddress) -> any Error {
    switch error {
    case is APIError: error
    case _ where Task.isCancelled: CancellationError()
    case is NIOTooManyBytesError: APIError.strange("the answer is larger than it can be")
    case is HTTPParserError: APIError.strange("it does not speak HTTP")
    default: APIError.unreachable(address, reason: reason(of: error))
    }
}

private func reason(of error: any Error) -> String {
    switch error {
    case let error as IOError: String(cString: strerror(error.errnoCode))
    case let error as NIOConnectionError:
        error.connectionErrors.first.map { reason(of: $0.error) } ?? "no such host"
    case let error as HTTPClientError where error == .remoteConnectionClosed: "it closed the connection"
    case let error as HTTPClientError where error == .connectTimeout: "it does not accept the connection"
    default: "\(error)"
    }
}

/// For the host of a URL; RFC 3986, section 2.1.
private func percentEncoded(_ byte: UInt8) -> String {
    switch Unicode.Scalar(byte) {
    case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~": String(Unicode.Scalar(byte))
    default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
