import BerthAPI
import HTTPTypes
import JSON
import Testing

@testable import Berth
@testable import BerthServer
@testable import SQL

@Suite(.timeLimit(.minutes(5))) struct AuditRoutesTests {
    private let client: RouterClient
    private let admin: HTTPFields

    init() async throws {
        client = try await RouterClient(hasAuthentication: true)
        admin = try await client.token("boss", .admin)
    }

    /// The rows of the audit log, the newest first, each as `actor action target result code`.
    private func rows(_ query: String = "") async throws -> [String] {
        let answer = try await client.send(.get, "/v1/audit\(query)", headers: admin)
        #expect(answer.status == 200, "\(answer.body)")
        return try answer.items().map { item in
            let row = try AuditRowJSON(.object(item))
            #expect(row.time.hasSuffix("Z"))
            return [row.actor, row.action, row.target, row.result, row.code].compactMap(\.self).joined(separator: " ")
        }
    }

    private func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: String? = nil,
        _ headers: HTTPFields? = nil,
        authority: String = "localhost:8080"
    ) async throws -> Answer {
        try await client.send(method, path, body, headers: headers ?? admin, authority: authority)
    }

    private let app = #"{"name":"web","image":"nginx"}"#

    /// Its path, with a name that nothing has in each variable part.
    private func path(_ endpoint: EndpointFacts) -> String {
        endpoint.path.replacing(/\{[a-z_]+\}/, with: "web-aaaaaa")
    }

    @Test func `Every change is audited, but for the input and the size of a session`() {
        let others = EndpointFacts.all.filter { $0.method != .get && !$0.isAudited }.map(\.id)
        #expect(others == ["writeExecInput", "resizeExec"])
        #expect(!EndpointFacts.all.contains { $0.method == .get && $0.isAudited })
    }

    @Test(arguments: EndpointFacts.all.filter(\.isAudited).map(\.id), [nil, "{}"])
    func `Each request that may change something has one row`(_ id: String, _ body: String?) async throws {
        let endpoint = try #require(EndpointFacts.all.first { $0.id == id })
        try await client.withUnreachableHost {
            let method = try #require(HTTPRequest.Method(rawValue: endpoint.method.rawValue))
            let answer = try await send(method, path(endpoint), body)
            let list = try await client.platform.audit.rows(AuditFilter(), before: nil, limit: 10)
            #expect(list.count == 1)
            let entry = try #require(list.first).entry
            #expect(entry.action == id)
            #expect(entry.actor == (endpoint.permission == .anyone ? "anonymous" : "boss"))
            #expect(entry.requestID == answer.headers[.requestID])
            #expect(!entry.target.isEmpty)
            let isDenied = [401, 403, 421, 429].contains(answer.status)
            #expect(entry.result == (answer.status < 400 ? .ok : isDenied ? .denied : .failed))
            #expect(entry.code == (answer.status < 400 ? nil : try answer.code()))
        }
    }

    @Test(arguments: EndpointFacts.all.filter { $0.permission != .anyone && $0.permission != .view }.map(\.id))
    func `Each request that a role does not allow has one row`(_ id: String) async throws {
        let endpoint = try #require(EndpointFacts.all.first { $0.id == id })
        let viewer = try await client.token("guest", .viewer)
        let method = try #require(HTTPRequest.Method(rawValue: endpoint.method.rawValue))
        try expectProblem(try await send(method, path(endpoint), nil, viewer), 403, "forbidden")
        let list = try await client.platform.audit.rows(AuditFilter(), before: nil, limit: 10)
        #expect(list.map(\.entry.action) == [id])
        #expect(list.map(\.entry.actor) == ["guest"] && list.map(\.entry.result) == [.denied])
    }

    @Test func `Requests that only read have no row`() async throws {
        _ = try await send(.post, "/v1/apps", app)
        for path in ["/v1/apps", "/v1/apps/web", "/v1/apps/none", "/v1/runs?x=1", "/v1/me", "/healthz", "/nowhere"] {
            _ = try await send(.get, path)
            _ = try await send(.head, path)
        }
        _ = try await send(.post, "/nowhere")
        _ = try await send(.post, "/v1/me")
        #expect(try await rows() == ["boss createApp app web ok"])
    }

    @Test func `A row says who did what to what`() async throws {
        _ = try await send(.post, "/v1/apps", app)
        _ = try await send(.post, "/v1/apps", app)
        _ = try await send(.patch, "/v1/apps/web", #"{"image":"nginx:2"}"#)
        _ = try await send(.post, "/v1/hosts", #"{"name":"far","endpoint":"ssh://far"}"#)
        _ = try await send(.post, "/v1/hosts/far/drain")
        _ = try await send(.post, "/v1/images/pull", #"{"image":"nginx","host":"none"}"#)
        _ = try await send(.delete, "/v1/runs/web-abc234")
        _ = try await send(.delete, "/apps/web")
        let list = try await client.platform.audit.rows(AuditFilter(), before: nil, limit: 10)
        #expect(list.allSatisfy { $0.entry.address == "unix" })
        #expect(
            try await rows() == [
                "boss deleteShortApp app web ok", "boss removeRun run web-abc234 failed run_not_found",
                "boss pullImage image nginx host none failed invalid_fields", "boss drainHost host far ok",
                "boss addHost host far ok", "boss patchApp app web ok",
                "boss createApp app web failed app_exists", "boss createApp app web ok",
            ]
        )
    }

    @Test func `A token is named when it is made and when it is revoked`() async throws {
        let made = try await send(.post, "/v1/tokens", #"{"name":"ci","role":"viewer"}"#)
        let (id, text) = (try #require(try made.text("id")), try #require(try made.text("token")))
        // A mistake, which must not publish the token.
        _ = try await send(.delete, "/v1/tokens/\(text)")
        _ = try await send(.delete, "/v1/tokens/\(id)")
        #expect(
            try await rows() == [
                "boss deleteToken token ci ok", "boss deleteToken token berth_*** failed token_not_found",
                "boss createToken token ci ok",
            ]
        )
    }

    @Test func `A browser's session has the name of its token`() async throws {
        let token = try #require(admin[.authorization]).dropFirst("Bearer ".count)
        let begun = try await send(.post, "/v1/session", #"{"token":"\#(token)"}"#, [:])
        #expect(begun.status == 204)
        let cookie = try #require(begun.headers[.setCookie]?.prefix { $0 != ";" })
        let fields: HTTPFields = [.cookie: String(cookie), .origin: "http://localhost:8080"]
        #expect(try await send(.delete, "/v1/session", nil, fields).status == 204)
        _ = try await send(.post, "/v1/session", #"{"token":"berth_x"}"#, [:])
        _ = try await send(.post, "/v1/session", "{", [:])
        #expect(
            try await rows() == [
                "anonymous beginSession session failed malformed_json",
                "anonymous beginSession session denied unauthenticated", "boss endSession session ok",
                "boss beginSession session ok",
            ]
        )
    }

    @Test func `A replayed response has a row of its own`() async throws {
        var fields = admin
        fields[.idempotencyKey] = "key"
        for _ in 0..<2 { #expect(try await send(.post, "/v1/apps", app, fields).status == 201) }
        #expect(try await rows() == ["boss createApp app web ok replayed", "boss createApp app web ok"])
    }
}

// Refusals.
extension AuditRoutesTests {
    @Test func `Each kind of refusal has a row, also of requests that only read`() async throws {
        let deployer = try await client.token("web-ci", .deployer, "web-*")
        var foreign = admin
        foreign[.origin] = "http://evil.example.org"
        let unknown: HTTPFields = [.authorization: "Bearer " + TokenText.newToken().text]
        try expectProblem(try await send(.get, "/v1/apps", nil, [:]), 401, "unauthenticated")
        try expectProblem(try await send(.delete, "/v1/apps/web", nil, unknown), 401, "unauthenticated")
        try expectProblem(try await send(.get, "/v1/audit", nil, deployer), 403, "forbidden")
        let creation = try await send(.post, "/v1/apps", #"{"name":"db","image":"nginx"}"#, deployer)
        try expectProblem(creation, 403, "forbidden")
        try expectProblem(try await send(.get, "/v1/apps/db", nil, deployer), 404, "app_not_found")
        try expectProblem(try await send(.get, "/v1/runs/db-abc234/logs", nil, deployer), 404, "run_not_found")
        // These are not there, and would not be hidden.
        try expectProblem(try await send(.get, "/v1/apps/web-1", nil, deployer), 404, "app_not_found")
        try expectProblem(try await send(.get, "/v1/exec/1", nil, deployer), 404, "exec_not_found")
        try expectProblem(try await send(.post, "/v1/apps", app, foreign), 403, "cross_origin")
        let other = try await send(.head, "/v1/apps", authority: "evil.example.org")
        #expect(other.status == 421)
        #expect(try await send(.get, "/wp-admin", authority: "evil.example.org").status == 421)
        #expect(
            try await rows() == [
                "anonymous none  denied misdirected_request", "anonymous listApps apps denied misdirected_request",
                "anonymous createApp apps denied cross_origin",
                "web-ci readRunLogs run db-abc234 denied run_not_found", "web-ci getApp app db denied app_not_found",
                "web-ci createApp app db denied forbidden", "web-ci readAuditLog audit denied forbidden",
                "anonymous deleteApp app web denied unauthenticated", "anonymous listApps apps denied unauthenticated",
            ]
        )
    }

    @Test func `A refusal for too many requests names the token`() async throws {
        let client = try await RouterClient(hasAuthentication: true, network: NetworkSettings(rateLimit: 1))
        let token = try await client.token("eager", .viewer)
        for method in [HTTPRequest.Method.get, .post] {
            for _ in 0..<11 { _ = try await client.send(method, "/v1/tokens", headers: token) }
        }
        let refused = try await client.platform.audit.rows(AuditFilter(), before: nil, limit: 100)
            .filter { $0.entry.code == "rate_limited" }
        #expect(!refused.isEmpty)
        #expect(refused.allSatisfy { $0.entry.actor == "eager" && $0.entry.result == .denied })
    }

    @Test func `Refusals cannot fill the log`() async throws {
        for _ in 0..<100 { _ = try await send(.post, "/v1/apps", app, [:]) }
        for _ in 0..<100 { _ = try await send(.post, "/v1/session", "{", [:]) }
        // The minute may have changed meanwhile, once.
        #expect((60...121).contains(try await rows("?limit=1000").count))
        _ = try await send(.post, "/v1/apps", app)
        #expect(try await rows().first == "boss createApp app web ok")
    }

    @Test func `No row has a secret`() async throws {
        let canary = "c4n4ry-s3cr3t"
        let body = #"{"name":"web","image":"nginx","command":"\#(canary)","variables":{"A":"\#(canary)"}}"#
        for _ in 0..<2 { _ = try await send(.post, "/v1/apps", body) }
        _ = try await send(.patch, "/v1/apps/web?\(canary)=1", body)
        _ = try await send(.post, "/v1/session", #"{"token":"\#(canary)"}"#, [:])
        _ = try await send(.post, "/v1/apps", body, [.authorization: "Bearer \(canary)"])
        let answer = try await send(.get, "/v1/audit")
        #expect(try answer.items().count == 5)
        #expect(!answer.body.contains(canary))
    }

    @Test func `A row has no control characters, whatever the request names`() async throws {
        _ = try await send(.delete, "/v1/apps/a%0d%0a%1b%5b2J")
        let name = #""a\r\n\u001b[2J\u202e"#
        _ = try await send(.post, "/v1/apps", "{\"name\":\(name)\"}")
        let rows = try await client.platform.audit.rows(AuditFilter(), before: nil, limit: 10)
        #expect(rows.count == 2)
        for row in rows {
            #expect(!row.entry.target.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202E }, "\(row)")
        }
    }

    @Test func `If the database cannot store rows, reads go on and changes are answered`() async throws {
        let store = client.platform.store
        try await store.database.write { try $0.run("ALTER TABLE audit RENAME TO hidden", []) }
        #expect(try await send(.get, "/v1/apps").status == 200)
        try expectProblem(try await send(.get, "/v1/apps", nil, [:]), 401, "unauthenticated")
        #expect(try await send(.post, "/v1/apps", app).status == 201)
        #expect(try await send(.get, "/metrics").body.contains("\nberth_audit_failures_total 2\n"))
    }
}

// Reading the log.
extension AuditRoutesTests {
    private func fill(_ count: Int) async throws {
        var id = AuditID(firstAt: Timestamp.now().before(.seconds(3600)))
        let rows = (0..<count).map { number in
            id = id.next(at: Timestamp(milliseconds: 0))
            let entry = AuditEntry(
                actor: number.isMultiple(of: 2) ? "ci" : "cd",
                action: "patchApp",
                target: "app \(number)",
                result: .ok,
                requestID: "\(number)",
                address: "unknown"
            )
            return AuditRow(id: id, entry: entry)
        }
        try await client.platform.store.appendAudit(rows)
    }

    @Test func `The log is paged, the newest first`() async throws {
        try await fill(5)
        var (pages, query) = ([[String?]](), "?limit=2")
        while true {
            let page = try await send(.get, "/v1/audit\(query)")
            pages.append(try page.texts("target"))
            guard let cursor = try page.text("next_cursor") else { break }
            query = "?limit=2&cursor=\(cursor)"
        }
        #expect(pages == [["app 4", "app 3"], ["app 2", "app 1"], ["app 0"]])
    }

    @Test func `Rows are selected by actor, action, target and time`() async throws {
        try await fill(4)
        _ = try await send(.post, "/v1/apps", app)
        #expect(try await rows("?actor=ci&limit=1") == ["ci patchApp app 2 ok"])
        #expect(try await rows("?action=createApp") == ["boss createApp app web ok"])
        #expect(try await rows("?target=app%20web") == ["boss createApp app web ok"])
        #expect(try await rows("?target=app").count == 5)
        #expect(try await rows("?target=ap&actor=ci").isEmpty)
        let recent = Timestamp.now().before(.seconds(60))
        #expect(try await rows("?since=\(recent)").count == 1)
        #expect(try await rows("?until=\(recent)").count == 4)
        #expect(try await rows("?since=\(recent)&until=\(recent.before(.seconds(1)))").isEmpty)
    }

    @Test(arguments: [
        "since", "since=yesterday", "until=2026", "limit=0", "limit=1001", "cursor=x", "cursor=-1", "actor=",
        "result=ok",
    ])
    func `An invalid query is refused`(_ query: String) async throws {
        let answer = try await send(.get, "/v1/audit?\(query)")
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == ["/" + query.prefix { $0 != "=" }])
    }

    @Test func `All rows are exported as NDJSON, the oldest first`() async throws {
        try await fill(10_000)
        _ = try await send(.post, "/v1/apps", app)
        var fields = admin
        fields[.accept] = "application/x-ndjson"
        let answer = try await send(.get, "/v1/audit", nil, fields)
        #expect(answer.headers[.contentType] == "application/x-ndjson")
        let rows = try answer.body.split(separator: "\n").map { try AuditRowJSON(JSONReader.parse(Array($0.utf8))) }
        #expect(rows.map(\.target) == (0..<10_000).map { "app \($0)" } + ["app web"])
        let some = try await send(.get, "/v1/audit?actor=cd", nil, fields)
        #expect(some.body.split(separator: "\n").count == 5000)
        let refused = try await send(.get, "/v1/audit?limit=5", nil, fields)
        try expectProblem(refused, 422, "invalid_fields")
        #expect(try refused.pointers() == ["/limit"])
    }

    @Test func `Nothing changes or deletes rows by the API`() {
        #expect(EndpointFacts.all.filter { $0.path.hasPrefix("/v1/audit") }.map(\.method) == [.get])
    }
}

extension RouterClient {
    /// The header of a new token.
    fileprivate func token(_ name: String, _ role: Role, _ pattern: String = "*") async throws -> HTTPFields {
        let made = try await platform.tokens.create(
            TokenName(name),
            role,
            AppScope([AppPattern(pattern)]),
            lifetime: nil,
            by: Caller(.local)
        )
        return [.authorization: "Bearer \(made.text.text)"]
    }
}
