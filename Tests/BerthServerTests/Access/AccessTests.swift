import FakeEngine
import HTTPTypes
import JSON
import TestSupport
import Testing

@testable import Berth
@testable import BerthServer

/// Tokens in requests, and what each of them may see.
@Suite(.timeLimit(.minutes(5))) struct AccessTests {
    private static let canary = "canary-5d1c0f"

    private func client() async throws -> RouterClient { try await RouterClient(hasAuthentication: true) }

    /// Creates an app with a variable.
    private func create(_ name: String, _ client: RouterClient, by token: String) async throws {
        let body = "{\"name\":\"\(name)\",\"image\":\"nginx\",\"variables\":{\"KEY\":\"\(Self.canary)\"}}"
        #expect(try await client.send(.post, "/v1/apps", body, token: token).status == 201)
    }

    @Test(arguments: ["Bearer %", "bearer %", "BEARER %", "Bearer  %"])
    func `A token is accepted in each form that RFC 6750 and 9110 allow`(_ form: String) async throws {
        let client = try await client()
        let token = try await client.token("ci", .viewer)
        let answer = try await client.send(
            .get,
            "/v1/me",
            headers: [.authorization: form.replacing("%", with: token)]
        )
        #expect(answer.status == 200)
        #expect(try answer.text("name") == "ci")
    }

    @Test(arguments: [
        "%", "Bearer", "Bearer % x", "Basic %", "Token %", "Bearer %x", "Bearer %,Bearer %", "Bearer \"%\"", "",
        "Bearer berth_", "Bearer=%", "Bearer: %",
    ])
    func `Anything else is refused, with the way to authenticate`(_ form: String) async throws {
        let client = try await client()
        let token = try await client.token("ci", .admin)
        var headers: HTTPFields = [:]
        headers.append(HTTPField(name: .authorization, value: form.replacing("%", with: token)))
        let answer = try await client.send(.get, "/v1/me", headers: headers)
        try expectProblem(answer, 401, "unauthenticated")
        #expect(answer.headers[.wwwAuthenticate]?.hasPrefix("Bearer realm=\"berth\"") == true)
        #expect(!answer.body.contains(token))
    }

    @Test func `Two Authorization headers are refused`() async throws {
        let client = try await client()
        let token = try await client.token("ci", .admin)
        var headers: HTTPFields = [:]
        for _ in 0..<2 { headers.append(HTTPField(name: .authorization, value: "Bearer \(token)")) }
        try expectProblem(try await client.send(.get, "/v1/me", headers: headers), 401, "unauthenticated")
    }

    @Test func `Without a token the response says nothing about the path, the method and the body`() async throws {
        let client = try await client()
        try await create("web", client, by: client.token("root", .admin))
        let attempts: [(HTTPRequest.Method, String, String?)] = [
            (.get, "/v1/apps/web", nil), (.get, "/v1/apps/none", nil), (.get, "/v1/apps/A%20B", nil),
            (.get, "/v1/apps/web?x=y", nil), (.post, "/v1/apps", "{"), (.post, "/v1/apps", nil),
            (.get, "/v1/apps/web/", nil),
        ]
        var bodies: Set<String> = []
        for (method, path, body) in attempts {
            let answer = try await client.send(method, path, body, headers: [.requestID: "same"])
            try expectProblem(answer, 401, "unauthenticated")
            bodies.insert(answer.body)
        }
        #expect(bodies.count == 1)
        let head = try await client.send(.head, "/v1/apps/web")
        #expect(head.status == 401 && head.bytes.isEmpty)
        #expect(head.headers[.wwwAuthenticate] == #"Bearer realm="berth""#)
    }

    @Test(arguments: [
        "/v1/apps/shop", "/v1/apps/shop/", "//v1//apps//shop", "/v1/apps/%73hop", "/v1/apps/sho%70", "/apps/shop",
        "/v1/apps/shop/releases", "/v1/apps/shop/logs", "/v1/apps/web-1%2F..%2Fshop", "/v1/apps/web-1/../shop",
        "/v1/apps/shop%00", "/v1/apps/SHOP", "/v1/apps/shop?app=web-1",
    ])
    func `No spelling of a path leads to another app`(_ path: String) async throws {
        let client = try await client()
        let root = try await client.token("root", .admin)
        for name in ["shop", "web-1"] { try await create(name, client, by: root) }
        let token = try await client.token("ci", .deployer, "web-*")
        for method in [HTTPRequest.Method.get, .head] {
            let answer = try await client.send(method, path, token: token)
            #expect(answer.status == 404, "\(method) \(answer.body)")
        }
    }

    @Test func `A token with too many requests in progress still gets what is in memory`() async throws {
        let client = try await client()
        let token = try await client.token("ci", .viewer)
        let principal = try #require(client.platform.tokens.principal(of: TokenText(token)))
        let open = try (0..<OpenRequests.limit).map { _ in try client.platform.tokens.begin(by: principal) {} }
        for path in ["/v1/apps", "/v1/runs/web-aaaaaa/wait"] {
            let answer = try await client.send(.get, path, token: token)
            try expectProblem(answer, 429, "too_many_requests")
            #expect(answer.headers[.retryAfter] == "5")
        }
        for path in ["/v1/runs", "/v1/hosts", "/v1/me"] {
            #expect(try await client.send(.get, path, token: token).status == 200, "\(path)")
        }
        withExtendedLifetime(open) {}
    }

    @Test func `A viewer gets the names of variables and no value, in each answer`() async throws {
        let client = try await client()
        let root = try await client.token("root", .admin)
        let viewer = try await client.token("eye", .viewer)
        try await create("web", client, by: root)
        _ = try await client.send(.patch, "/v1/apps/web", #"{"image":"busybox"}"#, token: root)
        _ = try await client.record("web", .running)
        for path in [
            "/v1/apps", "/v1/apps/web", "/apps", "/apps/web", "/v1/apps/web/releases", "/v1/apps/web/releases/1",
        ] {
            let seen = try await client.send(.get, path, token: viewer)
            #expect(seen.status == 200 && seen.body.contains("KEY") && !seen.body.contains(Self.canary), "\(path)")
            #expect(try await client.send(.get, path, token: root).body.contains(Self.canary), "\(path)")
        }
        for path in ["/v1/runs", "/apps/containers", "/v1/hosts", "/metrics"] {
            let seen = try await client.send(.get, path, token: viewer)
            #expect(seen.status == 200 && !seen.body.contains(Self.canary), "\(path)")
        }
        let tag = HTTPFields([HTTPField(name: .ifNoneMatch, value: "\"2\"")])
        #expect(try await client.send(.get, "/v1/apps/web", headers: tag, token: viewer).status == 304)
    }

    @Test func `Lists have the apps of a token alone, page by page`() async throws {
        let client = try await client()
        let root = try await client.token("root", .admin)
        let token = try await client.token("ci", .viewer, "web-*", "job")
        for name in ["a", "job", "job-1", "web", "web-1", "web-2", "web-3", "z"] {
            try await create(name, client, by: root)
            _ = try await client.record(name, .running)
        }
        let own: [String?] = ["job", "web-1", "web-2", "web-3"]
        var (names, path): ([String?], String?) = ([], "/v1/apps?limit=3")
        while let next = path {
            let page = try await client.send(.get, next, token: token)
            names += try page.texts("name")
            path = try page.text("next_cursor").map { "/v1/apps?limit=3&cursor=\($0)" }
        }
        #expect(names == own)
        #expect(Set(try await client.send(.get, "/v1/runs", token: token).texts("app")) == Set(own))
        #expect(try await client.send(.get, "/v1/runs", token: root).items().count == 8)
        for path in ["/apps", "/apps/containers"] {
            let body = try await client.send(.get, path, token: token).body
            #expect(body.contains("web-3") && !body.contains("job-1") && !body.contains(#""z"#), "\(path)")
        }
    }

    @Test func `Images are those that the apps of a token use`() async throws {
        try await withFakeEngine(hasAuthentication: true) { client, engine in
            try await engine.add(
                Image(id: "sha256:" + String(repeating: "a", count: 64), tags: ["shop:1"], created: 1_700_000_000),
                Image(id: "sha256:" + String(repeating: "b", count: 64), tags: ["web:1"], created: 1_700_000_000)
            )
            let root = try await client.token("root", .admin)
            for name in ["shop", "web"] {
                let body = "{\"name\":\"\(name)\",\"image\":\"\(name):1\"}"
                #expect(try await client.send(.post, "/v1/apps", body, token: root).status == 201)
            }
            let token = try await client.token("ci", .viewer, "web")
            let seen = try await client.send(.get, "/v1/images", token: token)
            #expect(try seen.items().map { $0["tags"]?.text } == [#"["web:1"]"#])
            #expect(try seen.items().map { $0["used_by_releases"]?.text } == ["1"])
            #expect(try await client.send(.get, "/v1/images", token: root).body.contains("shop:1"))
        }
    }

    @Test func `The same Idempotency-Key of two tokens is two keys`() async throws {
        let client = try await client()
        let key: HTTPFields = [.idempotencyKey: "k"]
        for name in ["one", "two"] {
            let token = try await client.token(name, .deployer)
            let body = "{\"name\":\"\(name)\",\"image\":\"nginx\"}"
            for isReplay in [false, true] {
                let answer = try await client.send(.post, "/v1/apps", body, headers: key, token: token)
                #expect(answer.status == 201)
                #expect((answer.headers[.idempotencyReplayed] == "true") == isReplay)
            }
        }
    }

    @Test func `A name outside of a token's apps is refused, and its key may be used again`() async throws {
        let client = try await client()
        let token = try await client.token("ci", .deployer, "web-*")
        let key: HTTPFields = [.idempotencyKey: "k"]
        for path in ["/apps", "/v1/apps"] {
            let outside = try await client.send(
                .post,
                path,
                #"{"name":"shop","image":"nginx"}"#,
                headers: key,
                token: token
            )
            try expectProblem(outside, 403, "forbidden")
            #expect(try outside.text("detail")?.contains("web-*") == true)
        }
        let body = #"{"name":"web-1","image":"nginx"}"#
        #expect(try await client.send(.post, "/v1/apps", body, headers: key, token: token).status == 201)
    }

    @Test func `A release has the name of the token that made it`() async throws {
        let client = try await client()
        try await create("web", client, by: client.token("ann", .deployer))
        let token = try await client.token("bob", .deployer)
        _ = try await client.send(.patch, "/v1/apps/web", #"{"image":"busybox"}"#, token: token)
        let releases = try await client.send(.get, "/v1/apps/web/releases", token: token)
        #expect(try releases.texts("created_by") == ["bob", "ann"])
    }

    @Test func `On a Unix socket, and without authentication, each client is an administrator`() async throws {
        let socket = ListenAddress.unixSocket(path: "/run/berth.sock")
        for client in [try await RouterClient(listen: socket, hasAuthentication: true), try await RouterClient()] {
            let me = try await client.send(.get, "/v1/me")
            #expect(try me.text("id") == "local" && me.text("role") == "admin")
            #expect(try await client.send(.get, "/v1/tokens").status == 200)
            // A proxy's own credentials do not matter, a token does.
            let basic: HTTPFields = [.authorization: "Basic YTpi"]
            #expect(try await client.send(.get, "/v1/me", headers: basic).text("id") == "local")
            let viewer = try await client.token("eye", .viewer)
            #expect(try await client.send(.get, "/v1/tokens", token: viewer).status == 403)
            try expectProblem(try await client.send(.get, "/v1/me", token: "berth_x"), 401, "unauthenticated")
        }
    }
}
