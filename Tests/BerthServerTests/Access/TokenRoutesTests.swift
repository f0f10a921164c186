import HTTPTypes
import JSON
import Testing

@testable import Berth
@testable import BerthServer

@Suite struct TokenRoutesTests {
    private let client: RouterClient
    private let root: String

    init() async throws {
        client = try await RouterClient(hasAuthentication: true)
        root = try await client.token("root", .admin)
    }

    private func create(_ body: String) async throws -> Answer {
        try await client.send(.post, "/v1/tokens", body, token: root)
    }

    @Test func `The text of a token is in the response to its creation alone`() async throws {
        let made = try await create(#"{"name":"ci","role":"deployer","apps":["web-*"],"expires_in":3600}"#)
        #expect(made.status == 201)
        let (id, text) = (try #require(try made.text("id")), try #require(try made.text("token")))
        #expect(made.headers[.location] == "/v1/tokens/\(id)")
        #expect(made.headers[.cacheControl] == "no-store")
        #expect(try made.text("created_by") == "root")
        #expect(try made.json()["expires_at"]?.text != "null")
        let list = try await client.send(.get, "/v1/tokens", token: root)
        #expect(try list.texts("name") == ["root", "ci"])
        #expect(!list.body.contains(text) && !list.body.contains(root))
        let me = try await client.send(.get, "/v1/me", token: text)
        #expect(me.body == #"{"id":"\#(id)","name":"ci","role":"deployer","apps":["web-*"]}"# + "\n")
    }

    @Test(
        arguments: [
            ("{}", ["/name", "/role"]), (#"{"name":"A","role":"viewer"}"#, ["/name"]),
            (#"{"name":"local","role":"viewer"}"#, ["/name"]), (#"{"name":"a","role":"owner"}"#, ["/role"]),
            (#"{"name":"a","role":"viewer","apps":[]}"#, ["/apps"]),
            (#"{"name":"a","role":"viewer","apps":["a?"]}"#, ["/apps/0"]),
            (#"{"name":"a","role":"viewer","expires_in":0}"#, ["/expires_in"]),
            (#"{"name":"a","role":"viewer","expires_in":1e12}"#, ["/expires_in"]),
            (#"{"name":"a","role":"admin","apps":["web-*"]}"#, ["/apps"]),
            (#"{"name":"a","role":"viewer","token":"berth_x"}"#, ["/token"]),
        ] as [(String, [String])]
    )
    func `A wrong definition is refused, with each field that is wrong`(
        _ body: String,
        _ pointers: [String]
    ) async throws {
        let answer = try await create(body)
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == pointers)
    }

    @Test func `A creation cannot be repeated by a key, which would store the text`() async throws {
        let headers: HTTPFields = [.idempotencyKey: "k"]
        let body = #"{"name":"ci","role":"viewer"}"#
        let answer = try await client.send(.post, "/v1/tokens", body, headers: headers, token: root)
        try expectProblem(answer, 400, "invalid_idempotency_key")
        #expect(client.platform.tokens.all.count == 1)
    }

    @Test func `Tokens are paged, also while some are revoked`() async throws {
        for name in ["a", "b", "c", "d"] { _ = try await client.token(name, .viewer) }
        let first = try await client.send(.get, "/v1/tokens?limit=2", token: root)
        #expect(try first.items().count == 2)
        let cursor = try #require(try first.text("next_cursor"))
        let last = try #require(try first.texts("id")[1])
        if last != client.platform.tokens.principal(of: TokenText(root))?.id {
            #expect(try await client.send(.delete, "/v1/tokens/\(last)", token: root).status == 204)
        }
        let rest = try await client.send(.get, "/v1/tokens?limit=3&cursor=\(cursor)", token: root)
        #expect(try rest.items().count == 3)
        #expect(Set(try rest.texts("id")).isDisjoint(with: try first.texts("id")))
        #expect(try rest.json()["next_cursor"]?.text == "null")
        try expectProblem(try await client.send(.get, "/v1/tokens?cursor=x", token: root), 422, "invalid_fields")
    }

    @Test func `A name that is taken, and an id of none`() async throws {
        try expectProblem(try await create(#"{"name":"root","role":"viewer"}"#), 409, "token_exists")
        for id in ["none", "root", String(repeating: "a", count: 16), "%2e%2e"] {
            try expectProblem(try await client.send(.delete, "/v1/tokens/\(id)", token: root), 404, "token_not_found")
        }
    }

    @Test func `A token can revoke itself, and gets the response`() async throws {
        let me = try #require(try await client.send(.get, "/v1/me", token: root).text("id"))
        #expect(try await client.send(.delete, "/v1/tokens/\(me)", token: root).status == 204)
        try expectProblem(try await client.send(.get, "/v1/me", token: root), 401, "unauthenticated")
    }
}
