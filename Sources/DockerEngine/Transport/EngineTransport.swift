import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// HTTP to one engine over a socket that is reached from this machine, with a deadline and a bound on everything.
package final class EngineTransport: Sendable {
    private let client: HTTPClient
    private let baseURL: String
    private let budget: ConnectionBudget
    let observer: EngineObserver
    let roundTrips = Mutex(RoundTrips())
    /// When a whole answer came last.
    let lastAnswer = Mutex(ContinuousClock.now)

    private let ssh: SSHEndpoint?

    private init(client: HTTPClient, baseURL: String, ssh: SSHEndpoint?, observer: EngineObserver) {
        self.client = client
        self.baseURL = baseURL
        self.ssh = ssh
        self.observer = observer
        budget = ssh?.maximumConnections.map { ConnectionBudget(maximumConnections: $0) } ?? ConnectionBudget()
    }

    /// Whether its connections are not so few that each stream takes one from calls.
    var hasRoomForStreams: Bool { ssh?.maximumConnections == nil }

    /// What the host's keeper should know of the connection.
    package var warning: String? { ssh?.warning }

    /// Hands a transport over the Unix socket at `path` to `body` and closes its connections afterwards.
    package static func withUnixSocket<Result>(
        _ path: String,
        observer: EngineObserver = .none,
        _ body: (EngineTransport) async throws -> Result
    ) async throws -> Result {
        try await withUnixSocket(path, ssh: nil, observer: observer, body)
    }

    private static func withUnixSocket<Result>(
        _ path: String,
        ssh: SSHEndpoint?,
        observer: EngineObserver,
        _ body: (EngineTransport) async throws -> Result
    ) async throws -> Result {
        let host = path.utf8.map { isUnreserved($0) ? String(UnicodeScalar($0)) : percentEncoded($0) }.joined()
        return try await with(baseURL: "http+unix://\(host)", tls: nil, ssh: ssh, observer, body)
    }

    /// Hands a transport over an SSH connection to `body` and closes its connections afterwards.
    static func withSSH<Result>(
        _ endpoint: SSHEndpoint,
        observer: EngineObserver,
        _ body: (EngineTransport) async throws -> Result
    ) async throws -> Result {
        try await withUnixSocket(endpoint.socketPath, ssh: endpoint, observer: observer, body)
    }

    /// Hands a transport over TCP to `body` and closes its connections afterwards.
    ///
    /// - Throws: `EngineError.unreachable` when the certificates cannot be read.
    package static func withTCP<Result>(
        host: String,
        port: Int,
        security: TCPSecurity,
        observer: EngineObserver = .none,
        _ body: (EngineTransport) async throws -> Result
    ) async throws -> Result {
        let authority = (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
        switch security {
        case .plaintextOnLoopback: return try await with(baseURL: "http://\(authority)", tls: nil, observer, body)
        case .tls(let directory):
            let tls = try tlsConfiguration(directory)
            return try await with(baseURL: "https://\(authority)", tls: tls, observer, body)
        }
    }

    private static func with<Result>(
        baseURL: String,
        tls: TLSConfiguration?,
        ssh: SSHEndpoint? = nil,
        _ observer: EngineObserver,
        _ body: (EngineTransport) async throws -> Result
    ) async throws -> Result {
        let client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            configuration: configuration(tls, maximumConnections: ssh?.maximumConnections)
        )
        do {
            let result = try await body(EngineTransport(client: client, baseURL: baseURL, ssh: ssh, observer: observer))
            try? await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private static func configuration(
        _ tls: TLSConfiguration?,
        maximumConnections: Int?
    ) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls,
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5)),
            connectionPool: .init(
                idleTimeout: .seconds(60),
                concurrentHTTP1ConnectionsPerHostSoftLimit: maximumConnections ?? 2048
            ),
            decompression: .disabled
        )
        configuration.httpVersion = .http1Only
        // Who refuses a connection is down. When to try again is for the one who asked.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    private static func tlsConfiguration(_ directory: String) throws(EngineError) -> TLSConfiguration {
        guard FileManager.default.isReadableFile(atPath: "\(directory)/ca.pem") else {
            throw .unreachable("ca.pem in \(directory) cannot be read")
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.trustRoots = .file("\(directory)/ca.pem")
        let certificate = "\(directory)/cert.pem"
        guard FileManager.default.fileExists(atPath: certificate) else { return configuration }
        do {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: "\(directory)/key.pem", format: .pem))
        } catch {
            throw .unreachable("cert.pem and key.pem in \(directory) cannot be read")
        }
        return configuration
    }
}

extension EngineTransport {
    /// Sends one request and takes in the whole answer's body.
    ///
    /// - Parameter operation: what the call is for the observer.
    /// - Throws: `EngineError`, or `CancellationError` when the calling task was cancelled. Every status below 400 but
    ///   a redirect is an answer; the others are thrown as `EngineError.status`.
    func send(
        _ method: HTTPMethod,
        _ path: String,
        query: [(String, String)] = [],
        body: Data? = nil,
        deadline: Duration,
        maximumBytes: Int = 4 << 20,
        operation: String = #function
    ) async throws -> Data {
        try await observed(operation) { headers in
            let place = try await budget.place(for: .call, within: deadline)
            defer { withExtendedLifetime(place) {} }
            let request = request(method, path, query: query, headers: headers, body: body)
            return try await withDeadline(deadline) { [client, self] in
                do {
                    let response = try await client.execute(request, timeout: .seconds(24 * 3600))
                    let limit = response.status.code >= 300 ? 64 << 10 : maximumBytes
                    let bytes = try await response.body.collect(upTo: limit)
                    lastAnswer.withLock { $0 = .now }
                    try refuse(response, saying: bytes)
                    return Data(bytes.readableBytesView)
                } catch {
                    throw explained(engineError(from: error))
                }
            }
        }
    }

    /// Sends one request and hands out its answer as it arrives, without an end to wait for.
    ///
    /// - Parameters:
    ///   - deadline: until the answer begins.
    ///   - operation: what the call is for the observer.
    func stream<Decoder: StreamDecoder>(
        _ method: HTTPMethod,
        _ path: String,
        query: [(String, String)] = [],
        deadline: Duration,
        decoder: Decoder,
        operation: String = #function
    ) async throws -> EngineStream<Decoder> {
        try await observed(operation) { headers in
            let place = try await budget.place(for: .stream, within: deadline)
            let request = request(method, path, query: query, headers: headers, body: nil)
            let response = try await withDeadline(deadline) { [client, self] in
                do {
                    let response = try await client.execute(request, timeout: .seconds(24 * 3600))
                    if response.status.code >= 300 {
                        try refuse(response, saying: try await response.body.collect(upTo: 64 << 10))
                    }
                    return response
                } catch {
                    throw explained(engineError(from: error))
                }
            }
            return EngineStream(body: response.body, decoder: decoder, place: place)
        }
    }

    /// With what was said at the other end of an SSH connection, where it was refused there.
    private func explained(_ error: any Error) -> any Error {
        guard case EngineError.unreachable(let reason) = error, let remark = ssh?.remarks.last else { return error }
        return EngineError.unreachable("\(reason); over there: \(remark)")
    }

    /// How many connections are in use right now.
    package var connectionsInUse: (calls: Int, streams: Int) { budget.inUse }

    private func request(
        _ method: HTTPMethod,
        _ path: String,
        query: [(String, String)],
        headers: HTTPHeaders,
        body: Data?
    ) -> HTTPClientRequest {
        var url = baseURL + path
        for (index, (name, value)) in query.enumerated() {
            url += (index == 0 ? "?" : "&") + name + "=" + queryEncoded(value)
        }
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers = headers
        // Over a Unix socket AsyncHTTPClient would send the socket's path, which Docker refuses.
        request.headers.replaceOrAdd(name: "host", value: "docker")
        if let body {
            request.headers.replaceOrAdd(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        return request
    }
}

/// Throws for a status that is no answer: a redirect would lead to another resource than was asked for.
private func refuse(_ response: HTTPClientResponse, saying body: ByteBuffer) throws(EngineError) {
    switch response.status.code {
    case ..<300, 304: return
    case 300..<400: throw .undecodable("a redirect (\(response.status.code)), which Docker never sends for a full id")
    default: throw .status(Int(response.status.code), message: errorMessage(body))
    }
}

/// Docker's `{"message": "…"}`, or the text itself, in one line of at most 1 KiB.
private func errorMessage(_ bytes: ByteBuffer) -> String {
    struct Message: Decodable {
        let message: String
    }
    let data = Data(bytes.readableBytesView)
    let text = (try? decodeJSON(Message.self, from: data))?.message ?? String(decoding: data, as: UTF8.self)
    return singleLine(text)
}

/// `text` without control characters, cut at 1,000 bytes: from an engine, on its way to people and logs.
func singleLine(_ text: String) -> String {
    var cleaned = ""
    for scalar in text.unicodeScalars {
        guard cleaned.utf8.count + UTF8.width(scalar) <= 1000 else { break }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: cleaned += " "
        default: cleaned.unicodeScalars.append(scalar)
        }
    }
    return cleaned.trimmingCharacters
}

extension String {
    fileprivate var trimmingCharacters: String {
        let start = firstIndex { $0 != " " } ?? endIndex
        let end = lastIndex { $0 != " " }.map(index(after:)) ?? start
        return String(self[start..<end])
    }
}

/// What went wrong in HTTP, in this client's terms.
func engineError(from error: any Error) -> any Error {
    switch error {
    case is EngineError: error
    case is NIOTooManyBytesError: EngineError.undecodable("larger than it can be")
    case let error as HTTPParserError where error == .invalidEOFState:
        EngineError.unreachable("it closed the connection within an answer")
    case is HTTPParserError: EngineError.undecodable("not HTTP as Docker speaks it")
    case _ where Task.isCancelled: CancellationError()
    // Not by its own task: the transport was given up under it, because the way to the engine broke.
    case is CancellationError: EngineError.unreachable("the connection was given up")
    case let error as HTTPClientError where error == .cancelled || error == .alreadyShutdown:
        EngineError.unreachable("the connection was given up")
    default: EngineError.unreachable(singleLine(reason(of: error)))
    }
}

private func reason(of error: any Error) -> String {
    switch error {
    case let error as IOError: String(cString: strerror(error.errnoCode))
    case let error as NIOConnectionError:
        error.connectionErrors.first.map { reason(of: $0.error) } ?? "its name leads to no address"
    case let error as HTTPClientError where error == .remoteConnectionClosed: "it closed the connection"
    case let error as HTTPClientError where error == .connectTimeout: "it does not accept the connection"
    case is NIOSSLExtraError: "its certificate is not for this name"
    case is NIOSSLError, is BoringSSLError: "TLS fails: \(alert("\(error)"))"
    default: "the connection failed (\(type(of: error)))"
    }
}

/// BoringSSL's own word for what is wrong, such as `certificate verify failed`, out of its stack of errors.
private func alert(_ errors: String) -> String {
    let word = errors.firstMatch(of: #/OPENSSL_internal:([A-Z0-9_]+)/#)?.1
    return word.map { $0.lowercased().replacing("_", with: " ") } ?? "the engine ended the handshake"
}

private func queryEncoded(_ text: String) -> String {
    text.utf8.map { isUnreserved($0) ? String(UnicodeScalar($0)) : percentEncoded($0) }.joined()
}

/// RFC 3986, section 2.3.
private func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        true
    default: false
    }
}

private func percentEncoded(_ byte: UInt8) -> String {
    "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
}
