import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// HTTP to one engine over a local or forwarded socket or TCP; every request has a deadline and size limits.
package final class EngineTransport: Sendable {
    private let client: HTTPClient
    let socket: EngineSocket
    let budget: ConnectionBudget
    let observer: EngineObserver
    let roundTrips = Mutex(RoundTrips())
    /// The connections that belong to processes; nil once the transport is closed.
    let hijacked = Mutex<[ObjectIdentifier: any Channel]?>([:])
    /// When the last response was complete.
    let lastAnswer = Mutex(ContinuousClock.now)

    private let ssh: SSHEndpoint?

    private init(client: HTTPClient, socket: EngineSocket, ssh: SSHEndpoint?, observer: EngineObserver) {
        self.client = client
        self.socket = socket
        self.ssh = ssh
        self.observer = observer
        budget = ssh?.maximumConnections.map { ConnectionBudget(maximumConnections: $0) } ?? ConnectionBudget()
    }

    /// False if connections are so few that each stream takes one from calls.
    var hasRoomForStreams: Bool { ssh?.maximumConnections == nil }

    /// A warning about the connection for the host's administrator.
    package var warning: String? { ssh?.warning }

    /// Passes a transport over the Unix socket at `path` to `body` and closes its connections afterwards.
    ///
    /// - Parameter ssh: the SSH connection to which the socket belongs; nil for an engine on this machine.
    package static func withUnixSocket<Result>(
        _ path: String,
        ssh: SSHEndpoint? = nil,
        observer: EngineObserver = .none,
        _ body: (EngineTransport) async throws -> Result
    ) async throws -> Result {
        try await with(.unix(path: path), ssh: ssh, observer, body)
    }

    /// Passes a transport over TCP to `body` and closes its connections afterwards.
    ///
    /// - Throws: `EngineError.unreachable` when the certificates cannot be read.
    package static func withTCP<Result>(
        host: String,
        port: Int,
        security: TCPSecurity,
        observer: EngineObserver = .none,
        _ body: (EngineTransport) async throws -> Result
    ) async throws -> Result {
        let tls: TLSConfiguration? =
            switch security {
            case .plaintextOnLoopback: nil
            case .tls(let directory): try tlsConfiguration(directory)
            }
        return try await with(.tcp(host: host, port: port, tls: tls), observer, body)
    }

    private static func with<Result>(
        _ socket: EngineSocket,
        ssh: SSHEndpoint? = nil,
        _ observer: EngineObserver,
        _ body: (EngineTransport) async throws -> Result
    ) async throws -> Result {
        let client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            configuration: configuration(socket.tls, maximumConnections: ssh?.maximumConnections)
        )
        let transport = EngineTransport(client: client, socket: socket, ssh: ssh, observer: observer)
        do {
            let result = try await body(transport)
            await transport.close()
            return result
        } catch {
            await transport.close()
            throw error
        }
    }

    private func close() async {
        try? await client.shutdown()
        closeHijacked()
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
        // A refused connection means that the engine is down. The caller decides when to retry.
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
    /// Sends one request and reads the whole body of the response.
    ///
    /// - Parameter operation: the name of the call for the observer.
    /// - Throws: `EngineError`, or `CancellationError` when the calling task was cancelled. A status below 400 other
    ///   than a redirect is a success; all others are thrown as `EngineError.status`.
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

    /// Sends one request and returns its response as a stream, which may be endless.
    ///
    /// - Parameters:
    ///   - own: headers of this request in addition to the usual ones.
    ///   - deadline: for the beginning of the response.
    ///   - operation: the name of the call for the observer.
    func stream<Decoder: StreamDecoder>(
        _ method: HTTPMethod,
        _ path: String,
        query: [(String, String)] = [],
        headers own: HTTPHeaders = [:],
        deadline: Duration,
        for purpose: ConnectionBudget.Purpose = .stream,
        decoder: Decoder,
        operation: String = #function
    ) async throws -> EngineStream<Decoder> {
        try await observed(operation) { headers in
            let place = try await budget.place(for: purpose, within: deadline)
            var headers = headers
            headers.add(contentsOf: own)
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

    /// Adds the message of the SSH server to an error of a connection that it refused.
    func explained(_ error: any Error) -> any Error {
        guard case EngineError.unreachable(let reason) = error, let remark = ssh?.remarks.last else { return error }
        return EngineError.unreachable("\(reason); over there: \(remark)")
    }

    /// How many connections are in use now.
    package var connectionsInUse: (calls: Int, streams: Int) { budget.inUse }

    private func request(
        _ method: HTTPMethod,
        _ path: String,
        query: [(String, String)],
        headers: HTTPHeaders,
        body: Data?
    ) -> HTTPClientRequest {
        var url = socket.baseURL + path
        for (index, (name, value)) in query.enumerated() {
            url += (index == 0 ? "?" : "&") + name + "=" + percentEncoded(value)
        }
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers = headers
        // Over a Unix socket AsyncHTTPClient would send the socket's path as the host, which Docker refuses.
        request.headers.replaceOrAdd(name: "host", value: "docker")
        if let body {
            request.headers.replaceOrAdd(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        return request
    }
}

/// Throws for an error status and for a redirect, which would lead to another resource than the requested one.
private func refuse(_ response: HTTPClientResponse, saying body: ByteBuffer) throws(EngineError) {
    switch response.status.code {
    case ..<300, 304: return
    case 300..<400: throw .undecodable("an unexpected redirect (\(response.status.code))")
    default: throw statusError(Int(response.status.code), saying: body)
    }
}

/// `text` from an engine made safe for people and logs: without control characters and passwords in URLs, cut at 1,000
/// bytes.
func singleLine(_ text: String) -> String { singleLine(text, limit: 1000) }

/// - Parameter limit: in bytes.
func singleLine(_ text: String, limit: Int) -> String {
    var cleaned = ""
    for scalar in text.unicodeScalars {
        guard cleaned.utf8.count + UTF8.width(scalar) <= limit else { break }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: cleaned += " "
        default: cleaned.unicodeScalars.append(scalar)
        }
    }
    let line = cleaned.trimmingCharacters
    guard line.utf8.contains(UInt8(ascii: "@")) else { return line }
    return line.replacing(#/://(?<user>[^\s/@:]*):[^\s/]*@/#) { "://\($0.user):***@" }
}

extension String {
    fileprivate var trimmingCharacters: String {
        let start = firstIndex { $0 != " " } ?? endIndex
        let end = lastIndex { $0 != " " }.map(index(after:)) ?? start
        return String(self[start..<end])
    }
}

/// Converts an error of the HTTP client to an `EngineError`.
func engineError(from error: any Error) -> any Error {
    switch error {
    case is EngineError: error
    case is NIOTooManyBytesError: EngineError.undecodable("it is too large")
    case let error as HTTPParserError where error == .invalidEOFState:
        EngineError.unreachable("it closed the connection during a response")
    case is HTTPParserError: EngineError.undecodable("it is not valid HTTP")
    case _ where Task.isCancelled: CancellationError()
    // Not cancelled by its own task: the transport was closed because the connection to the engine broke.
    case is CancellationError: EngineError.unreachable("the connection was closed")
    case let error as HTTPClientError where error == .cancelled || error == .alreadyShutdown:
        EngineError.unreachable("the connection was closed")
    default: EngineError.unreachable(singleLine(reason(of: error)))
    }
}

private func reason(of error: any Error) -> String {
    switch error {
    case let error as IOError: String(cString: strerror(error.errnoCode))
    case let error as NIOConnectionError:
        error.connectionErrors.first.map { reason(of: $0.error) } ?? "its name cannot be resolved"
    case let error as HTTPClientError where error == .remoteConnectionClosed: "it closed the connection"
    case let error as HTTPClientError where error == .connectTimeout: "it does not accept connections"
    case is NIOSSLExtraError: "its certificate is not for this name"
    case is NIOSSLError, is BoringSSLError: "TLS failed: \(alert("\(error)"))"
    default: "the connection failed (\(type(of: error)))"
    }
}

/// BoringSSL's own name of the failure, such as `certificate verify failed`, from its stack of errors.
private func alert(_ errors: String) -> String {
    let word = errors.firstMatch(of: #/OPENSSL_internal:([A-Z0-9_]+)/#)?.1
    return word.map { $0.lowercased().replacing("_", with: " ") }
        ?? "the engine closed the connection during the handshake"
}

/// The text for use in a URL, with every character except RFC 3986's unreserved ones percent-encoded (section 2.1).
func percentEncoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
        switch Unicode.Scalar(byte) {
        case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~": encoded.unicodeScalars.append(Unicode.Scalar(byte))
        default: encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }
    return encoded
}
