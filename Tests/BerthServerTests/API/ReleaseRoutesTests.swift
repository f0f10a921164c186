import HTTPTypes
import JSON
import Testing

@testable import BerthServer

@Suite struct ReleaseRoutesTests {
    private let client: RouterClient

    /// An app at release 3, with an image of the same number.
    init() async throws {
        client = try await RouterClient()
        try await client.create("web", image: "one")
        for image in ["two", "three"] {
            _ = try await client.send(.patch, "/v1/apps/web", "{\"image\":\"\(image)\",\"cpus\":2}")
        }
    }

    @Test func `A release has its author, time, origin and all of its settings`() async throws {
        let answer = try await client.send(.get, "/v1/apps/web/releases/2/")
        #expect(answer.status == 200)
        #expect(
            answer.body.replacing(/"created_at":"[^"]*"/, with: "\"created_at\":0") == """
                {"app":"web","release":2,"created_at":0,"created_by":"local","origin":"changed","restored_release":null,\
                "image":"two","command":null,"entrypoint":null,"variables":{},"host":null,"ports":[],"volumes":[],\
                "memory_bytes":null,"cpus":2,"restart":"no","labels":{},"user":null,"working_dir":null,\
                "stop_timeout":null,"max_runtime":null,"pull":"missing","health":null,"tmpfs":[],"read_only":false,"shm_bytes":null,\
                "pids_limit":null,"ulimits":[],"network":null,"hostname":null,"extra_hosts":{},"init":false,"stop_signal":null}

                """
        )
        #expect(try await client.send(.get, "/v1/apps/web/releases/1").text("origin") == "created")
    }

    @Test(arguments: ["0", "4", "-1", "01", "+1", "1.0", "a", "99999999999999999999", "%00"])
    func `A missing release is not found`(_ number: String) async throws {
        let answer = try await client.send(.get, "/v1/apps/web/releases/\(number)")
        try expectProblem(answer, 404, "release_not_found")
    }

    @Test(arguments: ["/v1/apps/none/releases", "/v1/apps/none/releases/1", "/v1/apps/NONE/releases"])
    func `A missing app has no releases`(_ path: String) async throws {
        try expectProblem(try await client.send(.get, path), 404, "app_not_found")
    }

    @Test func `The newest release comes first, and pages stay right while releases are added`() async throws {
        #expect(try await client.send(.get, "/v1/apps/web/releases").texts("image") == ["three", "two", "one"])
        let first = try await client.send(.get, "/v1/apps/web/releases?limit=1")
        #expect(try first.texts("image") == ["three"])
        let cursor = try #require(try first.text("next_cursor"))
        _ = try await client.send(.patch, "/v1/apps/web", #"{"image":"four"}"#)
        let rest = try await client.send(.get, "/v1/apps/web/releases?limit=2&cursor=\(cursor)")
        #expect(try rest.texts("image") == ["two", "one"])
        #expect(try rest.json()["next_cursor"] == .null)
    }

    @Test(arguments: ["0", "-1", "x", "01", ""])
    func `An invalid cursor is refused`(_ cursor: String) async throws {
        let answer = try await client.send(.get, "/v1/apps/web/releases?cursor=\(cursor)")
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == ["/cursor"])
    }

    @Test func `A rollback makes a new release with the old settings`() async throws {
        let answer = try await client.send(.post, "/v1/apps/web/rollback", #"{"release":1}"#)
        #expect(answer.status == 200)
        #expect(answer.headers[.eTag] == "\"4\"")
        #expect(try answer.text("image") == "one")
        #expect(try answer.json()["cpus"] == .null)
        let release = try await client.send(.get, "/v1/apps/web/releases/4")
        #expect(try release.text("origin") == "rolled_back")
        #expect(try release.json()["restored_release"] == 1)
        #expect(try await client.send(.get, "/v1/apps/web").body == answer.body)
    }

    @Test(
        arguments: [
            ("{}", "/release"), (#"{"release":0}"#, "/release"), (#"{"release":"1"}"#, "/release"),
            (#"{"release":1,"to":2}"#, "/to"), ("[]", ""), (#"{"release":1.5}"#, "/release"),
        ]
    )
    func `A rollback needs a release number`(_ body: String, _ pointer: String) async throws {
        let answer = try await client.send(.post, "/v1/apps/web/rollback", body)
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers().contains(pointer))
    }

    @Test func `A rollback to a missing release is not found`() async throws {
        for number in ["4", "9223372036854775807"] {
            let answer = try await client.send(.post, "/v1/apps/web/rollback", "{\"release\":\(number)}")
            try expectProblem(answer, 404, "release_not_found")
        }
        let none = try await client.send(.post, "/v1/apps/none/rollback", #"{"release":1}"#)
        try expectProblem(none, 404, "app_not_found")
        try expectProblem(try await client.send(.post, "/v1/apps/web/rollback"), 415, "unsupported_media_type")
    }
}
