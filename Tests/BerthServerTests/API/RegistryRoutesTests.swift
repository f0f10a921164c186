import FakeEngine
import HTTPTypes
import JSON
import SQL
import Testing

@testable import Berth
@testable import BerthServer

@Suite(.timeLimit(.minutes(5))) struct RegistryRoutesTests {
    private let login = #"{"username":"deploy","password":"hunter2"}"#

    @Test func `A login is set, shown without its password, replaced and deleted`() async throws {
        let client = try await RouterClient()
        let path = "/v1/registries/registry.example.org:5000"
        try expectProblem(try await client.send(.get, path), 404, "registry_not_found")
        let set = try await client.send(.put, path, login)
        #expect(set.status == 204 && set.bytes.isEmpty)
        #expect(try await client.send(.put, path, #"{"username":"other","password":"hunter3"}"#).status == 204)
        // The same registry in other spellings.
        for path in [path, "/v1/registries/Registry.Example.org%3A5000"] {
            let answer = try await client.send(.get, path)
            #expect(try answer.text("server") == "registry.example.org:5000")
            #expect(try answer.text("username") == "other")
            #expect(try answer.text("updated_by") == "local")
            #expect(!answer.body.contains("hunter"))
        }
        #expect(try await client.send(.delete, path).status == 204)
        try expectProblem(try await client.send(.delete, path), 404, "registry_not_found")
    }

    @Test func `Logins are listed by server and paged`() async throws {
        let client = try await RouterClient()
        for server in ["c.example.org", "a.example.org", "b.example.org:80"] {
            #expect(try await client.send(.put, "/v1/registries/\(server)", login).status == 204)
        }
        let first = try await client.send(.get, "/v1/registries?limit=2")
        #expect(try first.texts("server") == ["a.example.org", "b.example.org:80"])
        #expect(!first.body.contains("hunter2"))
        let cursor = try #require(try first.text("next_cursor"))
        let second = try await client.send(.get, "/v1/registries?cursor=\(cursor)")
        #expect(try second.texts("server") == ["c.example.org"])
    }

    @Test(arguments: ["registry", "a.b%2Fc", "a.b:x", "https:", "-a.b", "u%40a.b"])
    func `A server that no image's name can have is refused`(_ server: String) async throws {
        let client = try await RouterClient()
        let answer = try await client.send(.put, "/v1/registries/\(server)", login)
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == ["/server"])
        try expectProblem(try await client.send(.get, "/v1/registries/\(server)"), 404, "registry_not_found")
        try expectProblem(try await client.send(.delete, "/v1/registries/\(server)"), 404, "registry_not_found")
    }

    @Test(arguments: [
        ("{}", ["/username", "/password"]), (#"{"username":"u"}"#, ["/password"]),
        (#"{"username":"","password":"x"}"#, ["/username"]), (#"{"username":"a\nb","password":"x"}"#, ["/username"]),
        (#"{"username":"u","password":"a\u0000"}"#, ["/password"]),
        (#"{"username":"u","password":"x","email":"e"}"#, ["/email"]),
    ])
    func `A wrong login is refused by its fields`(_ body: String, _ pointers: [String]) async throws {
        let answer = try await RouterClient().send(.put, "/v1/registries/a.b", body)
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == pointers)
    }

    @Test func `A pull with a login that cannot be decrypted says how to set it`() async throws {
        try await withFakeEngine { client, engine in
            #expect(try await client.send(.put, "/v1/registries/a.b", login).status == 204)
            let pull = #"{"image":"a.b/c"}"#
            #expect(try await client.send(.post, "/v1/images/pull", pull).status == 200)
            #expect(try await engine.logins.last?.contains("hunter2") == true)
            try await client.platform.store.database.write { try $0.run("UPDATE registries SET password = ''", []) }
            let answer = try await client.send(.post, "/v1/images/pull", pull)
            try expectProblem(answer, 409, "secret_unreadable")
            #expect(answer.body.contains("PUT /v1/registries/a.b"))
        }
    }
}
