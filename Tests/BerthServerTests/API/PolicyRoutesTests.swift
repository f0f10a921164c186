import BerthAPI
import FakeEngine
import HTTPTypes
import JSON
import TestSupport
import Testing

@testable import Berth
@testable import BerthServer

@Suite(.timeLimit(.minutes(5))) struct PolicyRoutesTests {
    private static let usual = """
        {"images":["*"],"max_memory_bytes":null,"max_cpus":null,"max_pids":null,"max_runs_per_app":null,\
        "host_ports":"any","containers":{"no_new_privileges":true,"pids_limit":4096,"log_max_bytes":10485760,\
        "log_max_files":3}}

        """

    private func set(_ policy: String, _ client: RouterClient) async throws {
        let answer = try await client.send(.put, "/v1/policy", policy)
        #expect(answer.status == 200, "\(answer.body)")
    }

    private func expectDenial(
        _ answer: Answer,
        _ rule: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try expectProblem(answer, 403, "policy_denied", sourceLocation: sourceLocation)
        #expect(try answer.text("detail")?.contains("\(rule): ") == true, sourceLocation: sourceLocation)
    }

    @Test func `A policy is replaced as a whole, and missing fields get their defaults`() async throws {
        let client = try await RouterClient()
        #expect(try await client.send(.get, "/v1/policy").body == Self.usual)
        let changed = try await client.send(.put, "/v1/policy", #"{"max_cpus":1.5,"host_ports":[[80,80]]}"#)
        #expect(
            changed.body
                == Self.usual.replacing(#"cpus":null"#, with: #"cpus":1.5"#).replacing(#""any""#, with: "[[80,80]]")
        )
        #expect(try await client.send(.get, "/v1/policy").body == changed.body)
        #expect(try await client.send(.put, "/v1/policy", changed.body).body == changed.body)
        #expect(try await client.send(.put, "/v1/policy", #"{"max_cpus":2.0}"#).body.contains(#""max_cpus":2,"#))
        #expect(try await client.send(.put, "/v1/policy", "{}").body == Self.usual)
    }

    @Test func `An invalid policy changes nothing, and all its errors are listed`() async throws {
        let client = try await RouterClient()
        let answer = try await client.send(
            .put,
            "/v1/policy",
            #"{"images":["nginx"],"max_cpus":0,"containers":{"privileged":true},"x":1}"#
        )
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == ["/images/0", "/max_cpus", "/containers/privileged", "/x"])
        #expect(answer.body.contains("docker.io/library/nginx"))
        #expect(try await client.send(.get, "/v1/policy").body == Self.usual)
        try expectProblem(try await client.send(.put, "/v1/policy"), 415, "unsupported_media_type")
        try expectProblem(try await client.send(.delete, "/v1/policy"), 405, "method_not_allowed")
    }

    @Test func `Every role reads the policy, and only an admin changes it`() async throws {
        let client = try await RouterClient(hasAuthentication: true)
        for role in Role.allCases {
            let (_, text) = try await client.platform.tokens.create(
                TokenName("\(role)"),
                role,
                role == .admin ? .everything : AppScope([AppPattern("web-*")]),
                lifetime: nil,
                by: Caller(.local)
            )
            let headers: HTTPFields = [.authorization: "Bearer \(text.text)"]
            #expect(try await client.send(.get, "/v1/policy", headers: headers).body == Self.usual)
            let answer = try await client.send(.put, "/v1/policy", "{}", headers: headers)
            #expect(answer.status == (role == .admin ? 200 : 403), "\(role)")
        }
        try expectProblem(try await client.send(.get, "/v1/policy"), 401, "unauthenticated")
    }

    @Test(arguments: ["/apps/", "/v1/apps"])
    func `An app that is beyond the policy is not created`(path: String) async throws {
        let client = try await RouterClient()
        try await set(#"{"images":["docker.io/acme/*"]}"#, client)
        try expectDenial(try await client.send(.post, path, #"{"name":"web","image":"nginx"}"#), "images")
        #expect(try await client.send(.get, "/v1/apps/web").status == 404)
        #expect(try await client.send(.post, path, #"{"name":"web","image":"acme/web"}"#).status == 201)
    }

    @Test(arguments: [HTTPRequest.Method.put, .patch], ["/apps/web", "/v1/apps/web"])
    func `An app is not changed to what is beyond the policy`(method: HTTPRequest.Method, path: String) async throws {
        let client = try await RouterClient()
        try await client.create("web", image: "acme/web")
        try await set(#"{"images":["docker.io/acme/*"]}"#, client)
        try expectDenial(try await client.send(method, path, #"{"image":"nginx"}"#), "images")
        #expect(try await client.send(.get, "/v1/apps/web").text("image") == "acme/web")
        #expect(try await client.send(method, path, #"{"image":"acme/web:2"}"#).status == 200)
    }

    @Test(arguments: [HTTPRequest.Method.put, .patch])
    func `A change in the short form is denied for a setting that it does not show`(
        method: HTTPRequest.Method
    ) async throws {
        let client = try await RouterClient()
        try await client.create("web")
        try await set(#"{"max_memory_bytes":"64m"}"#, client)
        let answer = try await client.send(method, "/apps/web", #"{"image":"nginx:2"}"#)
        try expectDenial(answer, "max_memory_bytes")
        #expect(answer.body.contains("set memory_bytes, to at most 67108864"))
    }

    @Test(arguments: [
        (#"{"max_memory_bytes":"64m"}"#, #"{"memory_bytes":"65m"}"#, "max_memory_bytes"),
        (#"{"max_cpus":1}"#, #"{"cpus":1.5}"#, "max_cpus"), (#"{"max_pids":9}"#, #"{"pids_limit":10}"#, "max_pids"),
        (#"{"host_ports":"none"}"#, #"{"ports":[80]}"#, "host_ports"),
        (#"{"host_ports":[[8000,8999]]}"#, #"{"ports":["80:80"]}"#, "host_ports"),
    ])
    func `Each rule denies a change`(policy: String, patch: String, rule: String) async throws {
        let client = try await RouterClient()
        try await client.create("web")
        try await set(policy, client)
        try expectDenial(try await client.send(.patch, "/v1/apps/web", patch), rule)
        #expect(try await client.send(.get, "/v1/apps/web").headers[.eTag] == "\"1\"")
    }

    @Test func `An app is not rolled back to a release that is beyond the policy`() async throws {
        let client = try await RouterClient()
        try await client.create("web", image: "nginx")
        #expect(try await client.send(.patch, "/v1/apps/web", #"{"image":"acme/web"}"#).status == 200)
        try await set(#"{"images":["docker.io/acme/*"]}"#, client)
        try expectDenial(try await client.send(.post, "/v1/apps/web/rollback", #"{"release":1}"#), "images")
        #expect(try await client.send(.get, "/v1/apps/web").headers[.eTag] == "\"2\"")
        #expect(try await client.send(.post, "/v1/apps/web/rollback", #"{"release":2}"#).status == 200)
    }

    @Test(arguments: [
        ("/apps/run/web", ""), ("/v1/apps/web/runs", ""), ("/v1/apps/web/runs", #"{"command":"true","pull":"always"}"#),
        ("/v1/apps/web/runs", #"{"count":2,"variables":{"A":"1"}}"#), ("/v1/apps/web/runs", #"{"wait":"created"}"#),
        ("/v1/apps/web/runs", #"{"wait":"finished"}"#),
    ])
    func `An app that is beyond the policy is not run`(path: String, body: String) async throws {
        try await withFakeEngine { client, engine in
            try await client.create("web")
            try await set(#"{"images":["docker.io/acme/*"],"max_cpus":2}"#, client)
            let answer = try await client.send(.post, path, body.isEmpty ? nil : body)
            try expectDenial(answer, "images")
            try expectDenial(answer, "max_cpus")
            #expect(answer.body.contains("docker.io/library/nginx:latest"))
            #expect(answer.body.contains("GET /v1/policy"))
            #expect(try await client.send(.get, "/v1/runs").items().isEmpty)
            #expect(try await engine.creations == 0)
            try await set("{}", client)
            #expect(try await client.send(.post, "/apps/run/web").status == 201)
        }
    }

    @Test(arguments: ["start", "restart"])
    func `A stopped run is not started again beyond the policy`(action: String) async throws {
        try await withFakeEngine { client, _ in
            try await client.create("web")
            let name = try #require(try await client.send(.post, "/v1/apps/web/runs").texts("name").first ?? nil)
            #expect(try await client.send(.post, "/v1/runs/\(name)/stop").status == 200)
            try await set(#"{"max_runs_per_app":0}"#, client)
            try expectDenial(try await client.send(.post, "/v1/runs/\(name)/\(action)"), "max_runs_per_app")
            try await set(#"{"max_runs_per_app":1}"#, client)
            #expect(try await client.send(.post, "/v1/runs/\(name)/\(action)").status == 200)
            try expectDenial(try await client.send(.post, "/apps/run/web"), "max_runs_per_app")
        }
    }

    @Test func `An image that is not allowed is not pulled`() async throws {
        try await withFakeEngine { client, engine in
            try await set(#"{"images":["docker.io/acme/*"]}"#, client)
            try expectDenial(try await client.send(.post, "/v1/images/pull", #"{"image":"nginx"}"#), "images")
            #expect(try await engine.pulls == 0)
            #expect(try await client.send(.post, "/v1/images/pull", #"{"image":"acme/web"}"#).status == 200)
        }
    }

    @Test func `An image cannot be run by the beginning of its id`() async throws {
        try await withFakeEngine { client, engine in
            try await set(#"{"images":["docker.io/*"]}"#, client)
            for (name, image) in [("a", "5e5e"), ("b", "sha256:5e5e")] {
                try await client.create(name, image: image)
                #expect(try await client.send(.post, "/apps/run/\(name)").status == 201)
                #expect(try await client.send(.get, "/v1/apps/\(name)").text("image") == image)
            }
            let images = try await engine.containers.map(\.image)
            #expect(Set(images) == ["docker.io/library/5e5e:latest", "docker.io/library/sha256:5e5e"])
        }
    }

    @Test func `A denied request can be repeated under its key once the policy allows it`() async throws {
        try await withFakeEngine { client, engine in
            try await client.create("web")
            try await set(#"{"max_runs_per_app":0}"#, client)
            let send = { try await client.send(.post, "/apps/run/web", headers: [.idempotencyKey: "k"]) }
            try expectDenial(try await send(), "max_runs_per_app")
            try await set("{}", client)
            #expect(try await send().status == 201)
            #expect(try await send().headers[.idempotencyReplayed] == "true")
            #expect(try await engine.creations == 1)
        }
    }
}
