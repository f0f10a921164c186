import Berth
import HTTPTypes
import Testing

@testable import BerthServer

@Suite struct ShortFormRoutesTests {
    private let client: RouterClient

    private let sent =
        #"{"name":"app","image":"nginx","command":"sleep 1000","variables":[{"key1":"value1"},{"key2":"value2"}]}"#

    init() async throws { client = try await RouterClient() }

    @Test func `The example of the contract is returned byte for byte`() async throws {
        let created = try await client.send(.post, "/apps/", sent)
        #expect(created.status == 201)
        #expect(created.headers[.location] == "/apps/app")
        #expect(created.headers[.contentType] == "application/json")
        #expect(created.body == sent + "\n")
        let got = try await client.send(.get, "/apps/app")
        #expect(got.status == 200)
        #expect(got.body == sent + "\n")
        let listed = try await client.send(.get, "/apps/")
        #expect(listed.status == 200)
        #expect(listed.body == "[" + sent + "]\n")
    }

    @Test func `Without apps the list is empty`() async throws {
        #expect(try await client.send(.get, "/apps").body == "[]\n")
    }

    @Test func `The command and the variables are optional`() async throws {
        let created = try await client.send(.post, "/apps", #"{"name":"app","image":"nginx"}"#)
        #expect(created.body == #"{"name":"app","image":"nginx","command":null,"variables":[]}"# + "\n")
        let null = try await client.send(
            .put,
            "/apps/app",
            #"{"image":"nginx","command":null,"variables":null}"#
        )
        #expect(null.body == created.body)
    }

    @Test(
        arguments: [
            (#"["sleep","1000"]"#, "sleep 1000"),
            (#"["sh","-c","echo \"$A\" 'b'"]"#, #"sh -c 'echo "$A" '\''b'\'''"#),
            (#"["echo","","a b"]"#, "echo '' 'a b'"),
            (#""echo  'a  b'""#, "echo  'a  b'"),
        ]
    )
    func `A command is returned as the original line, or joined with shell quoting`(_ json: String, _ line: String)
        async throws
    {
        let created = try await client.send(.post, "/apps", #"{"name":"app","image":"nginx","command":\#(json)}"#)
        #expect(created.status == 201)
        #expect(try created.text("command") == line)
    }

    @Test func `Variables may be an object, whose order is kept`() async throws {
        let created = try await client.send(
            .post,
            "/apps",
            #"{"name":"app","image":"nginx","variables":{"Z":"1","A":"","ä":"é=\n"}}"#
        )
        #expect(created.body.hasSuffix(#""variables":[{"Z":"1"},{"A":""},{"ä":"é=\n"}]}"# + "\n"))
    }

    @Test func `A name can be used only once`() async throws {
        try await client.create("app")
        let again = try await client.send(.post, "/apps", #"{"name":"app","image":"other"}"#)
        try expectProblem(again, 409, "app_exists")
        #expect(try await client.send(.get, "/apps/app").text("image") == "nginx")
    }

    @Test func `PUT replaces all fields`() async throws {
        _ = try await client.send(.post, "/apps", sent)
        let replaced = try await client.send(.put, "/apps/app/", #"{"image":"redis:7"}"#)
        #expect(replaced.status == 200)
        #expect(replaced.body == #"{"name":"app","image":"redis:7","command":null,"variables":[]}"# + "\n")
        #expect(try await client.send(.get, "/apps/app").body == replaced.body)
    }

    @Test func `PUT may repeat the name but not change it`() async throws {
        try await client.create("app")
        #expect(try await client.send(.put, "/apps/app", #"{"name":"app","image":"two"}"#).status == 200)
        let renamed = try await client.send(.put, "/apps/app", #"{"name":"other","image":"three"}"#)
        try expectProblem(renamed, 422, "invalid_fields")
        #expect(try renamed.pointers() == ["/name"])
        #expect(try await client.send(.get, "/apps/app").text("image") == "two")
    }

    @Test(
        arguments: [
            ("{}", "nginx", #""sleep 1000""#, #"{"key1":"value1"},{"key2":"value2"}"#),
            (#"{"image":"redis"}"#, "redis", #""sleep 1000""#, #"{"key1":"value1"},{"key2":"value2"}"#),
            (#"{"command":null}"#, "nginx", "null", #"{"key1":"value1"},{"key2":"value2"}"#),
            (#"{"command":["a","b c"]}"#, "nginx", #""a 'b c'""#, #"{"key1":"value1"},{"key2":"value2"}"#),
            (#"{"variables":{"key2":null,"key3":"3"}}"#, "nginx", #""sleep 1000""#, #"{"key1":"value1"},{"key3":"3"}"#),
            (#"{"variables":{"key1":"x"}}"#, "nginx", #""sleep 1000""#, #"{"key1":"x"},{"key2":"value2"}"#),
            (#"{"variables":[{"only":"1"}]}"#, "nginx", #""sleep 1000""#, #"{"only":"1"}"#),
            (#"{"variables":null}"#, "nginx", #""sleep 1000""#, ""),
            (#"{"name":"app","image":"x"}"#, "x", #""sleep 1000""#, #"{"key1":"value1"},{"key2":"value2"}"#),
        ]
    )
    func `PATCH applies a merge patch`(_ patch: String, _ image: String, _ command: String, _ variables: String)
        async throws
    {
        _ = try await client.send(.post, "/apps", sent)
        let patched = try await client.send(
            .patch,
            "/apps/app",
            patch,
            headers: [.contentType: "application/merge-patch+json"]
        )
        #expect(patched.status == 200)
        let expected = #"{"name":"app","image":"\#(image)","command":\#(command),"variables":[\#(variables)]}"#
        #expect(patched.body == expected + "\n")
        #expect(try await client.send(.get, "/apps/app").body == patched.body)
    }

    @Test(
        arguments: [
            (#"{"image":null}"#, ["/image"]), (#"{"imgae":"x"}"#, ["/imgae"]), ("[]", [""]), ("null", [""]),
            (#"{"variables":{"a=b":"1"}}"#, ["/variables/a=b"]), (#"{"name":"other"}"#, ["/name"]),
        ]
    )
    func `A patch that makes the app invalid changes nothing`(_ patch: String, _ pointers: [String]) async throws {
        _ = try await client.send(.post, "/apps", sent)
        let refused = try await client.send(.patch, "/apps/app", patch)
        try expectProblem(refused, 422, "invalid_fields")
        #expect(try refused.pointers() == pointers)
        #expect(try await client.send(.get, "/apps/app").body == sent + "\n")
    }

    @Test func `A patch without a difference makes no release`() async throws {
        _ = try await client.send(.post, "/apps", sent)
        _ = try await client.send(.patch, "/apps/app", #"{"image":"nginx"}"#)
        #expect(try await client.platform.apps.list(for: .local).map(\.release) == [1])
    }

    @Test func `A deleted app is gone`() async throws {
        try await client.create("app")
        let deleted = try await client.send(.delete, "/apps/app")
        #expect(deleted.status == 204)
        #expect(deleted.bytes.isEmpty)
        try expectProblem(try await client.send(.get, "/apps/app"), 404, "app_not_found")
        try expectProblem(try await client.send(.delete, "/apps/app"), 404, "app_not_found")
        #expect(try await client.send(.get, "/apps").body == "[]\n")
    }

    @Test(arguments: [HTTPRequest.Method.get, .put, .patch, .delete])
    func `A missing app is not found`(_ method: HTTPRequest.Method) async throws {
        let body = method == .put || method == .patch ? #"{"image":"nginx"}"# : nil
        try expectProblem(try await client.send(method, "/apps/missing", body), 404, "app_not_found")
    }

    @Test(arguments: [
        "/apps/..%2f..%2fetc", "/apps/%2e%2e", "/apps/%00", "/apps/%", "/apps/%zz", "/apps/%c0%ae", "/apps/..",
        "/apps/UPPER", "/apps/-a", "/apps/ä", "/apps/a%0d%0ab", "/apps/--privileged", "/apps/a b",
        "/apps/" + String(repeating: "a", count: 41), "/apps/" + String(repeating: "0123456789abcdef", count: 4),
        "/apps/" + String(repeating: "a", count: 60_000),
    ])
    func `An invalid name is the name of no app`(_ path: String) async throws {
        try expectProblem(try await client.send(.get, path), 404, "app_not_found")
        try expectProblem(try await client.send(.put, path, #"{"image":"nginx"}"#), 404, "app_not_found")
        try expectProblem(try await client.send(.delete, path), 404, "app_not_found")
    }

    @Test(arguments: [
        "/apps/run", "/apps/run/", "/apps/../etc", "/apps/a/b", "/app", "/", "", "/v1", "/v1/app", "/apps/app/run",
        "*", "/%61pps",
    ])
    func `An unknown path gets a clear not-found answer`(_ path: String) async throws {
        try expectProblem(try await client.send(.get, path), 404, "route_not_found")
    }
}
