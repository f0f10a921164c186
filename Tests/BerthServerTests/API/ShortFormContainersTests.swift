import HTTPTypes
import Testing

@testable import Berth
@testable import BerthServer

@Suite(.timeLimit(.minutes(5))) struct ShortFormContainersTests {
    private let client: RouterClient

    init() async throws { client = try await RouterClient() }

    @Test func `An app is not run if its host is unreachable, and no record is left`() async throws {
        try await client.create("web")
        try await client.withUnreachableHost {
            let answer = try await client.send(.post, "/apps/run/web/")
            try expectProblem(answer, 503, "host_unreachable")
            let seconds = try #require(answer.headers[.retryAfter].flatMap { Int($0) })
            #expect((1...61).contains(seconds))
            #expect(try answer.text("detail")?.contains("Docker is running") == true, "\(answer.body)")
        }
        #expect(try await client.send(.get, "/apps/containers").body == "[]\n")
        #expect(try await client.platform.store.runs().isEmpty)
    }

    @Test(arguments: ["missing", "..%2f", "%00", "containers", "UPPER"])
    func `A missing app is not run, whatever the host's state`(_ name: String) async throws {
        try expectProblem(try await client.send(.post, "/apps/run/\(name)"), 404, "app_not_found")
    }

    @Test(
        arguments: [
            (#"{"count":2}"#, 422, "invalid_fields"), ("[]", 422, "invalid_fields"), ("{", 400, "malformed_json"),
        ]
    )
    func `A run accepts only an empty body`(_ body: String, _ status: Int, _ code: String) async throws {
        try await client.create("web")
        try expectProblem(try await client.send(.post, "/apps/run/web", body), status, code)
    }

    @Test func `Containers are listed in the form of the contract`() async throws {
        try await client.create("web")
        let running = try await client.record("web", .running)
        #expect(
            try await client.send(.get, "/apps/containers/").body
                == #"[{"name":"\#(running.name)","Status":"R","images":"web"}]"# + "\n"
        )
        let finished = try await client.record("web", .exited)
        let body = try await client.send(.get, "/apps/containers").body
        #expect(body.contains(#"{"name":"\#(finished.name)","Status":"F","images":"web"}"#))
    }

    @Test func `A running app is not deleted without force`() async throws {
        try await client.create("web")
        _ = try await client.record("web", .running)
        let answer = try await client.send(.delete, "/apps/web")
        try expectProblem(answer, 409, "app_has_running_containers")
        #expect(try answer.text("detail")?.contains("1 running container.") == true)
        #expect(try await client.send(.get, "/apps/web").status == 200)
    }

    @Test func `A running app is not deleted even with force while its host is unreachable`() async throws {
        try await client.create("web")
        _ = try await client.record("web", .running)
        try await client.withUnreachableHost {
            let answer = try await client.send(.delete, "/apps/web?force=true")
            try expectProblem(answer, 503, "host_unreachable")
        }
        #expect(try await client.send(.get, "/apps/web").status == 200)
        #expect(try await client.platform.store.runs().count == 1)
    }

    @Test func `An app whose containers are gone is deleted without its host`() async throws {
        try await client.create("web")
        for state in [RunState.removed, .lost] { _ = try await client.record("web", state, container: nil) }
        #expect(try await client.send(.delete, "/apps/web").status == 204)
        #expect(try await client.send(.get, "/apps/containers").body == "[]\n")
        #expect(try await client.platform.store.runs().isEmpty)
    }

    @Test func `A locked container is not changed`() async throws {
        try await client.create("web")
        let run = try await client.record("web", .exited)
        #expect(client.platform.runs.lock([run.id]).count == 1)
        let answer = try await client.send(.delete, "/apps/web?force=true")
        try expectProblem(answer, 409, "app_has_running_containers")
        #expect(answer.headers[.retryAfter] == "1")
    }
}
