import AsyncHTTPClient
import JSON
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport

/// Requests to a server under test.
struct HTTP: Sendable {
    let url: String
    let client: HTTPClient
    /// Sent with each request; nil for none.
    var token: String?

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let text: String

        func header(_ name: String) -> String? { headers.first(name: name) }

        var json: JSONValue { (try? JSONReader.parse(Array(text.utf8))) ?? .null }

        /// A member of the answered object.
        subscript(name: String) -> JSONValue { json[name] }
    }

    static func with<Result: Sendable>(url: String, _ body: (HTTP) async throws -> Result) async throws -> Result {
        let client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            configuration: .init(
                redirectConfiguration: .disallow,
                connectionPool: .init(idleTimeout: .seconds(30), concurrentHTTP1ConnectionsPerHostSoftLimit: 200)
            )
        )
        do {
            let result = try await body(HTTP(url: url, client: client))
            try await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    /// The same server, as another sender.
    func with(token: String?) -> HTTP { HTTP(url: url, client: client, token: token) }

    func get(_ path: String, headers: [(String, String)] = []) async throws -> Answer {
        try await send(.GET, path, headers: headers)
    }

    func post(
        _ path: String,
        _ body: JSONValue? = nil,
        headers: [(String, String)] = []
    ) async throws -> Answer {
        try await send(.POST, path, body, headers: headers)
    }

    /// Sends a key, as a client does that may have to repeat the request.
    func post(_ path: String, _ body: JSONValue? = nil, key: String) async throws -> Answer {
        try await post(path, body, headers: [("Idempotency-Key", key)])
    }

    func put(_ path: String, _ body: JSONValue, ifMatch tag: String? = nil) async throws -> Answer {
        try await send(.PUT, path, body, headers: tag.map { [("If-Match", $0)] } ?? [])
    }

    func patch(_ path: String, _ body: JSONValue, ifMatch tag: String? = nil) async throws -> Answer {
        try await send(.PATCH, path, body, headers: tag.map { [("If-Match", $0)] } ?? [])
    }

    func delete(_ path: String) async throws -> Answer { try await send(.DELETE, path) }

    private func send(
        _ method: HTTPMethod,
        _ path: String,
        _ body: JSONValue? = nil,
        headers: [(String, String)] = []
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        request.method = method
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(body.encoded())
        }
        let response = try await client.execute(request, timeout: .seconds(120))
        let bytes = try await response.body.collect(upTo: 16 << 20)
        return Answer(status: Int(response.status.code), headers: response.headers, text: String(buffer: bytes))
    }
}

extension HTTP {
    /// Name and status of every container that the server lists.
    func containers() async throws -> [String: String] {
        let answer = try await get("/apps/containers")
        guard case .array(let items) = answer.json else { throw LabError("no list: \(answer.status) \(answer.text)") }
        return Dictionary(items.map { ($0["name"].string, $0["Status"].string) }) { _, last in last }
    }

    /// Defines an app and fails unless that works.
    func define(_ name: String, image: String = "busybox", command: JSONValue = sleeping) async throws {
        let answer = try await post("/apps/", ["name": .string(name), "image": .string(image), "command": command])
        guard answer.status == 201 else { throw LabError("no app: \(answer.status) \(answer.text)") }
    }

    /// Every run of an app that the server knows, newest first.
    func runs(of app: String) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var cursor: String?
        repeat {
            let answer = try await get("/v1/runs?app=\(app)&limit=1000" + (cursor.map { "&cursor=\($0)" } ?? ""))
            guard answer.status == 200 else { throw LabError("no list: \(answer.status) \(answer.text)") }
            items += answer["items"].elements
            cursor = answer["next_cursor"].string.isEmpty ? nil : answer["next_cursor"].string
        } while cursor != nil
        return items
    }

    /// Runs an app and returns the container's name.
    func run(_ app: String) async throws -> String {
        let answer = try await post("/apps/run/\(app)")
        guard answer.status == 201 else { throw LabError("no run: \(answer.status) \(answer.text)") }
        return answer["name"].string
    }

    /// The state of a host and its reason, such as `unreachable/ssh_down`.
    func state(ofHost host: String) async throws -> String {
        let answer = try await get("/v1/hosts/\(host)")
        let reason = answer["reason"].string
        return answer["state"].string + (reason.isEmpty ? "" : "/\(reason)")
    }

    func waitForHost(_ host: String, _ state: String, within limit: Duration = .timeout) async throws {
        try await eventually(within: limit, "the host \(host) is \(state)") {
            try await self.state(ofHost: host) == state
        }
    }
}

/// A command that ends at once on SIGTERM, which process 1 of a container ignores by default.
let sleeping: JSONValue = ["sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"]

extension JSONValue {
    subscript(name: String) -> JSONValue {
        if case .object(let object) = self { object[name] ?? .null } else { .null }
    }

    /// The elements, or none if it is not an array.
    var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }

    var int: Int? { if case .number(let number) = self { number.integer } else { nil } }

    /// The text, or an empty one if it is not text.
    var string: String { if case .string(let text) = self { text } else { "" } }
}
