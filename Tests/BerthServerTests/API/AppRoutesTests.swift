import HTTPTypes
import JSON
import Testing

@testable import Berth
@testable import BerthServer

@Suite struct AppRoutesTests {
    private let client: RouterClient

    init() async throws { client = try await RouterClient() }

    private static let full = """
        {"name":"web","image":"nginx:1.29","command":["nginx","-g","daemon off;"],"entrypoint":["/entry"],\
        "variables":{"B":"2","A":"1"},"host":"local","ports":[{"container":80,"host":8080,"protocol":"tcp","address":"127.0.0.1"}],\
        "volumes":[{"name":"data","target":"/data","read_only":true}],"memory_bytes":67108864,"cpus":0.5,\
        "restart":"always","labels":{"team":"a"},"user":"www","working_dir":"/srv","stop_timeout":5,"max_runtime":60,\
        "pull":"always","health":{"command":["up"],"http":null,"interval":5,"timeout":2,"retries":4,"start_period":9},\
        "tmpfs":[{"target":"/run","size_bytes":65536}],"read_only":true,"shm_bytes":1048576,"pids_limit":100,\
        "ulimits":[{"name":"nofile","soft":512,"hard":1024}],"network":"shop","hostname":"web","extra_hosts":{"db":"10.0.0.1"},"init":true,\
        "stop_signal":"SIGQUIT"
        """

    /// The answer without its times, which a test cannot predict.
    private func definition(_ answer: Answer) -> String {
        answer.body.replacing(/,"created_at":"[^"]*","updated_at":"[^"]*"/, with: "")
    }

    @Test func `All fields of an app are returned as they were sent, in a fixed order`() async throws {
        let created = try await client.send(.post, "/v1/apps", Self.full + "}")
        #expect(created.status == 201)
        #expect(created.headers[.location] == "/v1/apps/web")
        #expect(created.headers[.eTag] == "\"1\"")
        #expect(definition(created) == Self.full + ",\"release\":1}\n")
        for member in ["created_at", "updated_at"] {
            #expect(try created.text(member)?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
        }
        let got = try await client.send(.get, "/v1/apps/web/")
        #expect(got.status == 200)
        #expect(got.body == created.body)
        #expect(got.headers[.eTag] == "\"1\"")
    }

    @Test func `An omitted field gets the default of the image or the engine`() async throws {
        try await client.create("web")
        #expect(
            definition(try await client.send(.get, "/v1/apps/web")) == """
                {"name":"web","image":"nginx","command":null,"entrypoint":null,"variables":{},"host":null,"ports":[],\
                "volumes":[],"memory_bytes":null,"cpus":null,"restart":"no","labels":{},"user":null,"working_dir":null,\
                "stop_timeout":null,"max_runtime":null,"pull":"missing","health":null,"tmpfs":[],"read_only":false,"shm_bytes":null,\
                "pids_limit":null,"ulimits":[],"network":null,"hostname":null,"extra_hosts":{},"init":false,"stop_signal":null,"release":1}

                """
        )
    }

    @Test func `An answer can be edited and sent back`() async throws {
        let created = try await client.send(.post, "/v1/apps", Self.full + "}")
        let same = try await client.send(.put, "/v1/apps/web", created.body)
        #expect(same.body == created.body)
        let edited = created.body.replacing("nginx:1.29", with: "nginx:1.30")
        let changed = try await client.send(.put, "/v1/apps/web", edited)
        #expect(changed.status == 200)
        #expect(changed.headers[.eTag] == "\"2\"")
        #expect(definition(changed) == Self.full.replacing("1.29", with: "1.30") + ",\"release\":2}\n")
        #expect(try await client.send(.get, "/v1/apps/web").body == changed.body)
    }

    @Test func `PUT replaces all fields`() async throws {
        _ = try await client.send(.post, "/v1/apps", Self.full + "}")
        let replaced = try await client.send(.put, "/v1/apps/web", #"{"image":"nginx"}"#)
        try await client.create("plain")
        let plain = try await client.send(.get, "/v1/apps/plain")
        #expect(
            definition(replaced) == definition(plain).replacing("plain", with: "web").replacing("e\":1", with: "e\":2")
        )
    }

    @Test(
        arguments: [
            (#"{"cpus":1}"#, #""cpus":0.5"#, #""cpus":1"#), (#"{"cpus":null}"#, #""cpus":0.5"#, #""cpus":null"#),
            (#"{"variables":{"A":null,"C":"3"}}"#, #"{"B":"2","A":"1"}"#, #"{"B":"2","C":"3"}"#),
            (#"{"labels":{"team":null}}"#, #"{"team":"a"}"#, "{}"),
            (
                #"{"ports":[443]}"#, #""container":80,"host":8080,"protocol":"tcp","address":"127.0.0.1""#,
                #""container":443,"host":null,"protocol":"tcp","address":null"#
            ),
            (#"{"volumes":null}"#, #"[{"name":"data","target":"/data","read_only":true}]"#, "[]"),
            (#"{"restart":null}"#, #""restart":"always""#, #""restart":"no""#),
            (#"{"command":"a b"}"#, #"["nginx","-g","daemon off;"]"#, #"["a","b"]"#),
            (#"{"host":null}"#, #""host":"local""#, #""host":null"#),
        ]
    )
    func `PATCH applies a merge patch to all fields`(_ patch: String, _ before: String, _ after: String) async throws {
        _ = try await client.send(.post, "/v1/apps", Self.full + "}")
        let patched = try await client.send(.patch, "/v1/apps/web", patch)
        #expect(patched.status == 200, "\(patched.body)")
        #expect(definition(patched) == Self.full.replacing(before, with: after) + ",\"release\":2}\n")
        #expect(patched.headers[.eTag] == "\"2\"")
    }

    @Test(
        arguments: [
            (#"{"image":null}"#, ["/image"]), (#"{"cpu":1}"#, ["/cpu"]), ("[]", [""]),
            (#"{"ports":{"80":1}}"#, ["/ports"]),
            (#"{"name":"other","host":"nowhere","memory_bytes":1}"#, ["/name", "/memory_bytes", "/host"]),
        ]
    )
    func `A patch that makes the app invalid changes nothing`(_ patch: String, _ pointers: [String]) async throws {
        let created = try await client.send(.post, "/v1/apps", Self.full + "}")
        let refused = try await client.send(.patch, "/v1/apps/web", patch)
        try expectProblem(refused, 422, "invalid_fields")
        #expect(try refused.pointers() == pointers)
        #expect(try await client.send(.get, "/v1/apps/web").body == created.body)
    }

    @Test func `A patch without a difference makes no release`() async throws {
        let created = try await client.send(.post, "/v1/apps", Self.full + "}")
        let patched = try await client.send(.patch, "/v1/apps/web", #"{"release":7,"created_at":"x","cpus":0.5}"#)
        #expect(patched.body == created.body)
    }

    @Test func `A change in the short form keeps the fields that it does not show`() async throws {
        _ = try await client.send(.post, "/v1/apps", Self.full + "}")
        let shown = try await client.send(.get, "/apps/web")
        #expect(
            shown.body
                == #"{"name":"web","image":"nginx:1.29","command":"nginx -g 'daemon off;'","variables":[{"B":"2"},{"A":"1"}]}"#
                + "\n"
        )
        _ = try await client.send(.put, "/apps/web", #"{"image":"nginx:1.29","variables":{"C":"3"}}"#)
        let replaced = Self.full.replacing(#"["nginx","-g","daemon off;"]"#, with: "null")
            .replacing(#"{"B":"2","A":"1"}"#, with: #"{"C":"3"}"#)
        #expect(definition(try await client.send(.get, "/v1/apps/web")) == replaced + ",\"release\":2}\n")
        _ = try await client.send(.patch, "/apps/web", #"{"image":"redis"}"#)
        #expect(
            definition(try await client.send(.get, "/v1/apps/web"))
                == replaced.replacing("nginx:1.29", with: "redis") + ",\"release\":3}\n"
        )
    }

    @Test(arguments: ["entrypoint", "host", "ports", "labels", "release"])
    func `The short form accepts only its four fields`(_ field: String) async throws {
        let answer = try await client.send(.post, "/apps", #"{"name":"a","image":"nginx","\#(field)":null}"#)
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == ["/\(field)"])
    }

    @Test func `A command line keeps its spelling in the short form after patches in the full form`() async throws {
        _ = try await client.send(.post, "/v1/apps", #"{"name":"web","image":"nginx","command":"echo  'a  b'"}"#)
        _ = try await client.send(.patch, "/v1/apps/web", #"{"cpus":1}"#)
        #expect(try await client.send(.get, "/apps/web").text("command") == "echo  'a  b'")
    }

    @Test func `The list of apps is paged by name, even while apps are added and deleted`() async throws {
        #expect(try await client.send(.get, "/v1/apps").body == #"{"items":[],"next_cursor":null}"# + "\n")
        for name in ["e", "a", "c", "b", "d"] { try await client.create(name) }
        let all = try await client.send(.get, "/v1/apps?limit=5")
        #expect(try all.texts("name") == ["a", "b", "c", "d", "e"])
        #expect(try all.json()["next_cursor"] == .null)
        let first = try await client.send(.get, "/v1/apps?limit=2")
        #expect(try first.texts("name") == ["a", "b"])
        let cursor = try #require(try first.text("next_cursor"))
        _ = try await client.send(.delete, "/v1/apps/b")
        _ = try await client.send(.delete, "/v1/apps/c")
        try await client.create("a1")
        try await client.create("d1")
        let second = try await client.send(.get, "/v1/apps?limit=2&cursor=\(cursor)")
        #expect(try second.texts("name") == ["d", "d1"])
        let last = try await client.send(
            .get,
            "/v1/apps?limit=2&cursor=\(try #require(try second.text("next_cursor")))"
        )
        #expect(try last.texts("name") == ["e"])
        #expect(try last.json()["next_cursor"] == .null)
    }

    @Test(
        arguments: [
            ("limit=0", ["/limit"]), ("limit=1001", ["/limit"]), ("limit=a&cursor=A", ["/limit", "/cursor"]),
            ("cursor=", ["/cursor"]), ("cursor=a/b", ["/cursor"]), ("limit=", ["/limit"]), ("page=2", ["/page"]),
        ]
    )
    func `An invalid page parameter is refused`(_ query: String, _ pointers: [String]) async throws {
        let answer = try await client.send(.get, "/v1/apps?\(query)")
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == pointers)
    }

    @Test func `A deleted app is gone`() async throws {
        try await client.create("web")
        let deleted = try await client.send(.delete, "/v1/apps/web")
        #expect(deleted.status == 204)
        #expect(deleted.bytes.isEmpty)
        for method in [HTTPRequest.Method.get, .delete] {
            try expectProblem(try await client.send(method, "/v1/apps/web"), 404, "app_not_found")
        }
        for method in [HTTPRequest.Method.put, .patch] {
            try expectProblem(
                try await client.send(method, "/v1/apps/web", #"{"image":"nginx"}"#),
                404,
                "app_not_found"
            )
        }
    }

    @Test func `A running app is deleted only by force`() async throws {
        try await client.create("web")
        _ = try await client.record("web", .running)
        try expectProblem(try await client.send(.delete, "/v1/apps/web"), 409, "app_has_running_containers")
        try expectProblem(try await client.send(.post, "/v1/apps", Self.full + "}"), 409, "app_exists")
    }

    @Test func `A release records its author`() async throws {
        try await client.create("web")
        #expect(try await client.platform.apps.release(1, of: AppName("web")).createdBy == "local")
    }
}
