import HTTPTypes
import Testing

@testable import Berth
@testable import BerthServer
@testable import SQL

@Suite(.timeLimit(.minutes(5))) struct IdempotencyTests {
    private let client: RouterClient
    private let app = #"{"name":"app","image":"nginx"}"#

    init() async throws { client = try await RouterClient() }

    private func post(
        _ path: String,
        _ body: String? = nil,
        key: String = "key",
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        var headers = headers
        headers[.idempotencyKey] = key
        return try await client.send(.post, path, body, headers: headers)
    }

    private func keys() async throws -> Int {
        try await client.platform.store.database.read { try $0.rows("SELECT * FROM idempotency_keys", []).count }
    }

    @Test(arguments: ["/apps", "/v1/apps"])
    func `A repeated request gets the first answer, byte for byte, under its own request id`(
        _ path: String
    ) async throws {
        let first = try await post(path, app, headers: [.requestID: "first"])
        #expect(first.status == 201)
        #expect(first.headers[.idempotencyReplayed] == nil)
        _ = try await client.send(.put, "/apps/app", #"{"image":"redis"}"#)
        let again = try await post(path + "/", app, headers: [.requestID: "again"])
        #expect(again.status == 201)
        #expect(again.bytes == first.bytes)
        #expect(again.headers[.idempotencyReplayed] == "true")
        #expect(again.headers[.requestID] == "again")
        for name in [HTTPField.Name.location, .eTag, .contentType, .contentLength] {
            #expect(again.headers[name] == first.headers[name])
            #expect(again.headers[name] != nil)
        }
    }

    @Test func `A request without a key is neither repeated nor stored`() async throws {
        #expect(try await client.send(.post, "/apps", app).status == 201)
        try expectProblem(try await client.send(.post, "/apps", app), 409, "app_exists")
        #expect(try await keys() == 0)
    }

    @Test func `A key belongs to its request`() async throws {
        _ = try await post("/apps", app)
        let other = #"{"name":"app2","image":"nginx"}"#
        for (path, body) in [("/apps", other), ("/v1/apps", app), ("/apps", app + " "), ("/apps/run/app", nil)] {
            try expectProblem(try await post(path, body), 422, "idempotency_key_reused")
        }
        #expect(try await client.platform.apps.list(for: .local).map(\.name.description) == ["app"])
        #expect(try await post("/apps", app).headers[.idempotencyReplayed] == "true")
    }

    @Test(arguments: ["", " ", "a b", "ä", "🚢", "a\tb", String(repeating: "a", count: 256)])
    func `An invalid key is refused, and nothing is done`(_ key: String) async throws {
        try expectProblem(try await post("/apps", app, key: key), 400, "invalid_idempotency_key")
        #expect(try await client.platform.apps.list(for: .local).isEmpty)
    }

    @Test(arguments: ["a", "!~", "6f9619ff-8b86-d011-b42d-00c04fc964ff", String(repeating: "k", count: 255)])
    func `A key may have any visible characters`(_ key: String) async throws {
        #expect(try await post("/apps", app, key: key).status == 201)
        #expect(try await post("/apps", app, key: key).headers[.idempotencyReplayed] == "true")
    }

    @Test func `Methods other than POST ignore keys`() async throws {
        try await client.create("app")
        for (method, body) in [(HTTPRequest.Method.put, #"{"image":"a"}"#), (.patch, "{}"), (.get, nil)] {
            let answer = try await client.send(method, "/apps/app", body, headers: [.idempotencyKey: "a b"])
            #expect(answer.status == 200)
        }
        #expect(try await keys() == 0)
    }

    @Test func `A request that was refused before any action leaves the key free`() async throws {
        try expectProblem(try await post("/apps", #"{"name":"app"}"#), 422, "invalid_fields")
        try expectProblem(try await post("/apps", "{"), 400, "malformed_json")
        try expectProblem(
            try await post("/apps", app, headers: [.contentType: "text/plain"]),
            415,
            "unsupported_media_type"
        )
        try expectProblem(
            try await post("/apps", String(repeating: " ", count: 2 << 20)),
            413,
            "body_too_large"
        )
        #expect(try await keys() == 0)
        #expect(try await post("/apps", app).status == 201)
    }

    @Test(arguments: ["/nowhere", "/v1/runs", "/v1/apps/app", "/apps?x=1"])
    func `A path without POST stores no key`(_ path: String) async throws {
        #expect(try await post(path, app).status >= 404)
        #expect(try await keys() == 0)
    }

    @Test func `A final answer is stored for the key`() async throws {
        try await client.create("app")
        try expectProblem(try await post("/apps", app, key: "exists"), 409, "app_exists")
        try expectProblem(try await post("/apps/run/none", key: "missing"), 404, "app_not_found")
        let rollback = #"{"release":1}"#
        let stale: HTTPFields = [.ifMatch: "\"9\""]
        try expectProblem(
            try await post("/v1/apps/app/rollback", rollback, key: "changed", headers: stale),
            412,
            "release_changed"
        )
        _ = try await client.send(.delete, "/apps/app")
        try await client.create("none")
        for (path, body, key, status) in [
            ("/apps", app, "exists", 409), ("/apps/run/none", nil, "missing", 404),
            ("/v1/apps/app/rollback", rollback, "changed", 412),
        ] {
            let again = try await post(path, body, key: key)
            #expect(again.status == status)
            #expect(again.headers[.idempotencyReplayed] == "true")
            #expect(again.headers[.contentType] == "application/problem+json")
        }
    }

    @Test func `A request with a temporary error is executed again`() async throws {
        try await client.create("app")
        try await client.withUnreachableHost {
            for _ in 0..<2 {
                let answer = try await post("/apps/run/app")
                try expectProblem(answer, 503, "host_unreachable")
                #expect(answer.headers[.idempotencyReplayed] == nil)
            }
        }
        #expect(try await keys() == 1)
        try expectProblem(try await post("/apps/run/app", "{}"), 422, "idempotency_key_reused")
    }

    @Test func `Only one of many concurrent requests under one key is executed`() async throws {
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for _ in 0..<100 { group.addTask { try await post("/apps", app) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0.status == 201 && $0.headers[.idempotencyReplayed] == nil } == 1)
        for answer in answers where answer.status != 201 {
            try expectProblem(answer, 409, "idempotency_in_progress")
            #expect(answer.headers[.retryAfter] == "1")
        }
        #expect(try await post("/apps", app).headers[.idempotencyReplayed] == "true")
    }

    @Test func `A stored answer that cannot be read is a fault of the database, not of the client`() async throws {
        _ = try await post("/apps", app)
        try await client.platform.store.database.write { connection in
            try connection.run("UPDATE idempotency_keys SET answer = '{'", [])
        }
        try expectProblem(try await post("/apps", app), 503, "store_unavailable")
    }

    @Test func `A request whose answer was lost finds its earlier result`() async throws {
        _ = try await post("/apps", app)
        try await client.platform.store.database.write { connection in
            try connection.run("UPDATE idempotency_keys SET answer = NULL", [])
        }
        let again = try await post("/apps", app)
        #expect(again.status == 201)
        #expect(again.headers[.idempotencyReplayed] == nil)
        #expect(try await post("/apps", app).headers[.idempotencyReplayed] == "true")
    }

    @Test func `A key is free after a day`() async throws {
        let store = client.platform.store
        let dayAgo = Timestamp(milliseconds: Timestamp.now().milliseconds - 24 * 3600 * 1000)
        _ = try await store.begin(
            key: "old",
            of: "local",
            fingerprint: "other",
            at: Timestamp(milliseconds: dayAgo.milliseconds - 1000)
        )
        _ = try await store.begin(
            key: "fresh",
            of: "local",
            fingerprint: "other",
            at: Timestamp(milliseconds: dayAgo.milliseconds + 60_000)
        )
        #expect(try await post("/apps", app, key: "old").status == 201)
        try expectProblem(try await post("/v1/apps", app, key: "fresh"), 422, "idempotency_key_reused")
    }

    @Test(
        arguments: [
            (200, false, false, .answered), (201, false, true, .answered), (202, false, false, .answered),
            (404, false, false, .answered), (409, false, false, .answered), (412, false, false, .answered),
            (502, false, true, .answered), (409, true, false, .open), (503, true, false, .open),
            (429, true, false, .open), (400, false, false, .free), (403, false, false, .free),
            (413, false, false, .free),
            (415, false, false, .free), (422, false, false, .free), (422, false, true, .open),
            (400, false, true, .open), (500, false, false, .open), (504, false, false, .open),
            (507, false, false, .open),
        ] as [(Int, Bool, Bool, KeyOutcome)]
    )
    func `The outcome of a key follows from the answer's status`(
        _ status: Int,
        _ mayBeRetried: Bool,
        _ isRepeated: Bool,
        _ outcome: KeyOutcome
    ) {
        #expect(KeyOutcome(of: status, mayBeRetried: mayBeRetried, isRepeated: isRepeated) == outcome)
    }
}
