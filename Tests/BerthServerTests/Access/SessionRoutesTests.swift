import HTTPTypes
import Testing

@testable import Berth
@testable import BerthServer

@Suite struct SessionRoutesTests {
    private let client: RouterClient
    private let token: String

    init() async throws {
        client = try await RouterClient(hasAuthentication: true)
        token = try await client.token("ann", .admin)
    }

    /// Begins a session; returns its cookie as a browser sends it.
    private func begin() async throws -> String {
        let answer = try await client.send(.post, "/v1/session", "{\"token\":\"\(token)\"}")
        #expect(answer.status == 204)
        let cookie = try #require(answer.headers[.setCookie])
        return String(cookie.prefix { $0 != ";" })
    }

    private func me(_ cookie: String) async throws -> Answer {
        try await client.send(.get, "/v1/me", headers: [.cookie: cookie])
    }

    @Test func `The cookie is out of reach for scripts and for other sites, and holds no token`() async throws {
        let answer = try await client.send(.post, "/v1/session", "{\"token\":\"\(token)\"}")
        let cookie = try #require(answer.headers[.setCookie])
        #expect(
            cookie.wholeMatch(of: #/berth_session=[a-z2-7]{52}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict/#)
                != nil
        )
        #expect(answer.headers[.cacheControl] == "no-store")
        #expect(answer.bytes.isEmpty)
    }

    @Test(arguments: ["%", "a=b; %", "%; c=d", "a=b;%;c", "; %"])
    func `A session acts as its token, among other cookies`(_ form: String) async throws {
        #expect(try await me(form.replacing("%", with: begin())).text("name") == "ann")
    }

    @Test(arguments: ["x%", "%x", "berth_session", "berth_session=", "", "BERTH_SESSION=a", "a=%"])
    func `Another cookie is none`(_ form: String) async throws {
        let answer = try await me(form.replacing("%", with: begin()))
        try expectProblem(answer, 401, "unauthenticated")
        #expect(answer.headers[.wwwAuthenticate] == #"Bearer realm="berth""#)
    }

    @Test func `A session ends when it is deleted, and when its token is revoked`() async throws {
        let (first, second) = (try await begin(), try await begin())
        let own: HTTPFields = [.cookie: first, .origin: "http://localhost:8080"]
        let answer = try await client.send(.delete, "/v1/session", headers: own)
        #expect(answer.status == 204)
        #expect(answer.headers[.setCookie] == "berth_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict")
        try expectProblem(try await me(first), 401, "unauthenticated")
        let id = try #require(try await me(second).text("id"))
        let other: HTTPFields = [.cookie: second, .origin: "http://localhost:8080"]
        #expect(try await client.send(.delete, "/v1/tokens/\(id)", headers: other).status == 204)
        try expectProblem(try await me(second), 401, "unauthenticated")
    }

    @Test(arguments: ["{}", #"{"token":""}"#, #"{"token":1}"#, #"{"token":"a","x":1}"#])
    func `A session needs a token`(_ body: String) async throws {
        try expectProblem(try await client.send(.post, "/v1/session", body), 422, "invalid_fields")
    }

    @Test func `An unknown token begins no session`() async throws {
        let answer = try await client.send(.post, "/v1/session", "{\"token\":\"\(TokenText.newToken().text)\"}")
        try expectProblem(answer, 401, "unauthenticated")
        #expect(answer.headers[.setCookie] == nil)
    }

    @Test(arguments: [
        nil, "http://evil.example.org", "http://localhost:3000", "https://localhost:8080", "null",
        "http://localhost:8080.evil.org",
    ])
    func `A cookie does not let another page change anything, and a token does not depend on pages`(
        _ origin: String?
    ) async throws {
        var headers: HTTPFields = [.cookie: try await begin()]
        headers[.origin] = origin
        let app = #"{"name":"web","image":"nginx"}"#
        for (method, path) in [
            (HTTPRequest.Method.post, "/v1/apps"), (.post, "/apps"), (.delete, "/v1/session"), (.patch, "/v1/apps/web"),
        ] {
            try expectProblem(try await client.send(method, path, app, headers: headers), 403, "cross_origin")
        }
        #expect(try await client.platform.apps.list(for: .local).isEmpty)
        #expect(try await client.send(.get, "/v1/me", headers: headers).status == 200)
        guard origin == nil else { return }
        #expect(try await client.send(.post, "/v1/apps", app, token: token).status == 201)
    }

    @Test(arguments: [("Origin", "http://localhost:8080"), ("Sec-Fetch-Site", "same-origin")])
    func `A page of this server may change what the token may`(_ name: String, _ value: String) async throws {
        var headers: HTTPFields = [.cookie: try await begin()]
        headers[.named(name)] = value
        let app = #"{"name":"web","image":"nginx"}"#
        #expect(try await client.send(.post, "/v1/apps", app, headers: headers).status == 201)
    }
}
