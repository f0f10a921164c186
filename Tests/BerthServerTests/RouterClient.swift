import Berth
import DockerEngine
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JSON
import Logging
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import BerthServer

/// The routes without a network, on a store in memory and hosts without engines, unless an engine is given.
struct RouterClient: Sendable {
    let platform: Platform
    let monitoring: Monitoring
    private let responder: RouterResponder<APIContext>
    private let logger: Logger

    /// - Parameter hosts: their names; the first is the default.
    init(
        listen: ListenAddress = .loopback(host: "127.0.0.1", port: 8080),
        hosts: [String] = ["local"],
        engine: String = "unix:///nonexistent/docker.sock",
        remembered: Int = 8192,
        hasAuthentication: Bool = false,
        network: NetworkSettings = NetworkSettings(),
        hasMetrics: Bool = true,
        exportsSpans: Bool = false
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        monitoring = Monitoring(hasMetrics: hasMetrics, exportsSpans: exportsSpans)
        platform = try await Platform(
            store: .inMemory(instruments: monitoring.instruments),
            hosts: hosts.map { (try HostName($0), try EngineAddress(engine)) },
            ssh: SSHSettings(
                directory: "/nonexistent",
                knownHostsFile: "/nonexistent/known_hosts",
                configuration: .none
            ),
            remembered: remembered,
            instruments: monitoring.instruments,
            encode: EncodedRun.Forms.json,
            logger: logger
        )
        let router = Server.router(
            platform,
            listen: listen,
            hasAuthentication: hasAuthentication,
            network: network,
            monitoring: monitoring,
            logger: logger
        )
        responder = router.buildResponder()
        self.logger = logger
    }

    /// - Parameters:
    ///   - body: sent as JSON, unless `headers` say otherwise.
    ///   - token: sent as `Authorization: Bearer`.
    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: String? = nil,
        headers: HTTPFields = [:],
        token: String? = nil,
        authority: String? = "localhost:8080",
        from address: String? = nil
    ) async throws -> Answer {
        var headers = headers
        if let token { headers[.authorization] = "Bearer \(token)" }
        if body != nil, headers[.contentType] == nil { headers[.contentType] = "application/json" }
        let head = HTTPRequest(method: method, scheme: "http", authority: authority, path: path, headerFields: headers)
        return try await send(
            Request(head: head, body: RequestBody(buffer: ByteBuffer(string: body ?? ""))),
            from: address
        )
    }

    /// - Parameter address: the client's IP address; nil for a request without a connection.
    func send(_ request: Request, from address: String? = nil) async throws -> Answer {
        let channel = NIOAsyncTestingChannel()
        channel.remoteAddress = try address.map { try SocketAddress(ipAddress: $0, port: 40_000) }
        let source = ApplicationRequestContextSource(channel: channel, logger: logger)
        let response = try await responder.respond(to: request, context: APIContext(source: source))
        let collected = CollectedBody()
        try await response.body.write(collected)
        let answer = Answer(status: response.status.code, headers: response.headers, bytes: await collected.bytes)
        let document = Contract.document { OpenAPIDocument(Server.routes(platform, monitoring: monitoring)).json }
        try Contract.check(request.method, request.uri.path, answer, in: document)
        return answer
    }

    /// Runs `body` with the port of the served routes, for behaviour that only a connection shows.
    func withServer(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        let application = Application(
            responder: responder,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            logger: logger
        )
        try await application.test(.live) { client in try await body(try #require(client.port)) }
    }

    /// Creates the app from `image`.
    func create(_ name: String, image: String = "nginx") async throws {
        let answer = try await send(.post, "/apps", "{\"name\":\"\(name)\",\"image\":\"\(image)\"}")
        try #require(answer.status == 201, "\(answer.body)")
    }

    /// Runs `body` once the first attempt to reach the host has failed, and while it is retried.
    func withUnreachableHost(_ body: () async throws -> Void) async throws {
        let host = platform.hosts.all[0]
        try await withTask {
            try await platform.hosts.run()
        } during: {
            try await eventually("the first attempt fails") { host.status.state != .connecting }
            try await body()
        }
    }
}

/// The answer to one request.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let bytes: [UInt8]

    var body: String { String(decoding: bytes, as: UTF8.self) }
    var allow: String? { headers[.allow] }

    func json() throws -> JSONObject {
        guard case .object(let object) = try JSONReader.parse(bytes) else {
            throw JSONKindError(body: body)
        }
        return object
    }

    /// The stable code of a problem.
    func code() throws -> String? { try text("code") }

    func text(_ member: String) throws -> String? {
        guard case .string(let text) = try json()[member] else { return nil }
        return text
    }

    /// The items of a list.
    func items() throws -> [JSONObject] {
        guard case .array(let items) = try json()["items"] else { throw JSONKindError(body: body) }
        return try items.map { item in
            guard case .object(let object) = item else { throw JSONKindError(body: body) }
            return object
        }
    }

    /// A text member of each item of a list; nil if it is not text.
    func texts(_ member: String) throws -> [String?] {
        try items().map { if case .string(let text) = $0[member] { text } else { nil } }
    }

    /// The pointers of the bad fields, in their order.
    func pointers() throws -> [String] {
        guard case .array(let faults) = try json()["errors"] else { return [] }
        return faults.compactMap { fault in
            guard case .object(let object) = fault, case .string(let pointer) = object["pointer"] else { return nil }
            return pointer
        }
    }

    private struct JSONKindError: Error {
        let body: String
    }
}

/// Fails unless the answer is a problem of this status and code, in the common form.
func expectProblem(
    _ answer: Answer,
    _ status: Int,
    _ code: String,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let problem = try answer.json()
    #expect(answer.status == status, sourceLocation: sourceLocation)
    #expect(answer.headers[.contentType] == "application/problem+json", sourceLocation: sourceLocation)
    #expect(problem["status"] == .number(JSONNumber(status)), sourceLocation: sourceLocation)
    #expect(problem["code"] == .string(code), sourceLocation: sourceLocation)
    #expect(problem["type"] == .string("urn:berth:problem:\(code)"), sourceLocation: sourceLocation)
    for member in ["title", "detail", "request_id"] {
        #expect(try answer.text(member)?.isEmpty == false, "\(member)", sourceLocation: sourceLocation)
    }
}

private actor CollectedBody: ResponseBodyWriter {
    private(set) var bytes: [UInt8] = []

    func write(_ buffer: ByteBuffer) { bytes += Array(buffer: buffer) }

    nonisolated func finish(_ trailingHeaders: HTTPFields?) {}
}
