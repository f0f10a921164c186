import FakeEngine
import HTTPTypes
import JSON
import SQL
import Testing

@testable import Berth
@testable import BerthServer

@Suite(.timeLimit(.minutes(5))) struct SecretRoutesTests {
    private func withApp(_ body: (RouterClient) async throws -> Void) async throws {
        let client = try await RouterClient()
        try await client.create("web")
        try await body(client)
    }

    @Test func `A secret is set, listed without its value, replaced and deleted`() async throws {
        try await withApp { client in
            #expect(try await client.send(.get, "/v1/apps/web/secrets").items().isEmpty)
            for value in ["hunter2", "", "hunter3\\n"] {
                let answer = try await client.send(.put, "/v1/apps/web/secrets/TOKEN", "{\"value\":\"\(value)\"}")
                #expect(answer.status == 204 && answer.bytes.isEmpty)
            }
            #expect(try await client.send(.put, "/v1/apps/web/secrets/A", #"{"value":"hunter4"}"#).status == 204)
            let list = try await client.send(.get, "/v1/apps/web/secrets")
            #expect(try list.texts("name") == ["A", "TOKEN"])
            #expect(try list.texts("updated_by") == ["local", "local"])
            #expect(!list.body.contains("hunter") && !list.body.contains("v1:"))
            for path in ["/v1/apps/web", "/apps/web", "/v1/apps/web/releases", "/v1/apps/web/releases/1"] {
                #expect(try await !client.send(.get, path).body.contains("TOKEN"))
            }
            #expect(try await client.send(.delete, "/v1/apps/web/secrets/TOKEN").status == 204)
            try expectProblem(try await client.send(.delete, "/v1/apps/web/secrets/TOKEN"), 404, "secret_not_found")
            #expect(try await client.send(.get, "/v1/apps/web/secrets").texts("name") == ["A"])
        }
    }

    @Test func `A list of secrets is paged`() async throws {
        try await withApp { client in
            for name in ["C", "A", "B"] {
                #expect(try await client.send(.put, "/v1/apps/web/secrets/\(name)", #"{"value":"x"}"#).status == 204)
            }
            let first = try await client.send(.get, "/v1/apps/web/secrets?limit=2")
            #expect(try first.texts("name") == ["A", "B"])
            let cursor = try #require(try first.text("next_cursor"))
            let second = try await client.send(.get, "/v1/apps/web/secrets?limit=2&cursor=\(cursor)")
            #expect(try second.texts("name") == ["C"])
            #expect(try second.json()["next_cursor"] == .null)
            try expectProblem(try await client.send(.get, "/v1/apps/web/secrets?cursor=-"), 422, "invalid_fields")
        }
    }

    @Test(arguments: [
        ("TOKEN", "{}", "/value"), ("TOKEN", #"{"value":1}"#, "/value"), ("TOKEN", #"{"value":null}"#, "/value"),
        ("TOKEN", #"{"value":"a\u0000b"}"#, "/value"), ("TOKEN", #"{"value":"x","name":"y"}"#, "/name"),
        ("1A", #"{"value":"x"}"#, "/secret"), ("A-B", #"{"value":"x"}"#, "/secret"),
        ("A%3DB", #"{"value":"x"}"#, "/secret"), (String(repeating: "A", count: 256), #"{"value":"x"}"#, "/secret"),
    ])
    func `A wrong secret is refused by its field`(_ name: String, _ body: String, _ pointer: String) async throws {
        try await withApp { client in
            let answer = try await client.send(.put, "/v1/apps/web/secrets/\(name)", body)
            try expectProblem(answer, 422, "invalid_fields")
            #expect(try answer.pointers() == [pointer])
        }
    }

    @Test(arguments: [#"{"value":"hunter2""#, #"{"value":"hunter2\q"}"#, #"{"value":["hunter2"]}"#, "hunter2"])
    func `A refused body is not repeated`(_ body: String) async throws {
        try await withApp { client in
            let answer = try await client.send(.put, "/v1/apps/web/secrets/TOKEN", body)
            #expect(answer.status == 400 || answer.status == 422)
            #expect(!answer.body.contains("hunter2"))
        }
    }

    @Test func `A value has at most 64 KiB`() async throws {
        try await withApp { client in
            let path = "/v1/apps/web/secrets/TOKEN"
            let largest = String(repeating: "é", count: 32 << 10)
            #expect(try await client.send(.put, path, "{\"value\":\"\(largest)\"}").status == 204)
            try expectProblem(try await client.send(.put, path, "{\"value\":\"\(largest)x\"}"), 422, "invalid_fields")
        }
    }

    @Test func `An app has at most 100 secrets`() async throws {
        try await withApp { client in
            for number in 0..<100 {
                _ = try await client.send(.put, "/v1/apps/web/secrets/S\(number)", #"{"value":"x"}"#)
            }
            let answer = try await client.send(.put, "/v1/apps/web/secrets/TOKEN", #"{"value":"x"}"#)
            try expectProblem(answer, 409, "too_many_secrets")
            #expect(try await client.send(.put, "/v1/apps/web/secrets/S7", #"{"value":"y"}"#).status == 204)
        }
    }

    @Test func `Secrets of an app that does not exist are not found`() async throws {
        let client = try await RouterClient()
        try expectProblem(try await client.send(.get, "/v1/apps/web/secrets"), 404, "app_not_found")
        let put = try await client.send(.put, "/v1/apps/web/secrets/A", #"{"value":"x"}"#)
        try expectProblem(put, 404, "app_not_found")
        try expectProblem(try await client.send(.delete, "/v1/apps/web/secrets/A"), 404, "app_not_found")
    }

    @Test func `A run with a secret shows it nowhere, and one that cannot be decrypted says how to set it`()
        async throws
    {
        try await withFakeEngine { client, engine in
            try await client.create("web")
            let path = "/v1/apps/web/secrets/TOKEN"
            #expect(try await client.send(.put, path, #"{"value":"hunter2"}"#).status == 204)
            let started = try await client.send(.post, "/v1/apps/web/runs")
            #expect(started.status == 201)
            #expect(try await engine.containers.first?.environment == ["TOKEN=hunter2"])
            let run = try #require(try started.texts("name").first ?? nil)
            for path in ["/v1/runs/\(run)", "/v1/runs", "/apps/containers", "/metrics", "/v1/hosts"] {
                #expect(try await !client.send(.get, path).body.contains("hunter2"))
            }
            try await client.platform.store.database.write { try $0.run("UPDATE secrets SET value = 'v1:x'", []) }
            let answer = try await client.send(.post, "/v1/apps/web/runs")
            try expectProblem(answer, 409, "secret_unreadable")
            #expect(answer.body.contains("PUT /v1/apps/web/secrets/TOKEN"))
            try expectProblem(try await client.send(.post, "/apps/run/web"), 409, "secret_unreadable")
        }
    }

    @Test func `Viewers list secrets, deployers set them, and only admins see logins for registries`() async throws {
        let client = try await RouterClient(hasAuthentication: true)
        let scope = AppScope([try AppPattern("web*")])
        var headers: [Role: HTTPFields] = [:]
        for role in Role.allCases {
            let tokens = client.platform.tokens
            let (_, text) = try await tokens.create(
                TokenName(role.rawValue),
                role,
                role == .admin ? .everything : scope,
                lifetime: nil,
                by: Caller(.local)
            )
            headers[role] = [.authorization: "Bearer \(text.text)"]
        }
        for app in ["web", "other"] {
            let definition = "{\"name\":\"\(app)\",\"image\":\"nginx\"}"
            let made = try await client.send(.post, "/v1/apps", definition, headers: #require(headers[.admin]))
            #expect(made.status == 201)
        }
        for (role, list, set, other, registry) in [
            (Role.viewer, 200, 403, 404, 403), (.deployer, 200, 204, 404, 403), (.admin, 200, 204, 204, 204),
        ] {
            let fields = try #require(headers[role])
            let value = #"{"value":"hunter2"}"#
            let login = #"{"username":"u","password":"hunter2"}"#
            #expect(try await client.send(.get, "/v1/apps/web/secrets", headers: fields).status == list)
            #expect(try await client.send(.put, "/v1/apps/web/secrets/A", value, headers: fields).status == set)
            #expect(try await client.send(.put, "/v1/apps/other/secrets/A", value, headers: fields).status == other)
            #expect(try await client.send(.put, "/v1/registries/a.b", login, headers: fields).status == registry)
            let logins = try await client.send(.get, "/v1/registries", headers: fields)
            #expect(logins.status == (role == .admin ? 200 : 403))
        }
        let deployer = try #require(headers[.deployer])
        let list = try await client.send(.get, "/v1/apps/web/secrets", headers: deployer)
        #expect(try list.texts("updated_by") == ["admin"])
    }
}
