import HTTPTypes
import JSON
import Testing

@testable import BerthServer

@Suite struct ShortFormInputTests {
    private let client: RouterClient

    init() async throws { client = try await RouterClient() }

    private func create(_ json: String) async throws -> Answer { try await client.send(.post, "/apps", json) }

    /// An app with this text in place of a valid value.
    private func create(_ field: String, _ value: String) async throws -> Answer {
        let fields = ["name": #""app""#, "image": #""nginx""#].merging([field: value]) { _, new in new }
        return try await create("{" + fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}")
    }

    @Test(arguments: [
        "--privileged", "-v", "", " ", "NGINX", "nginx:", "nginx:a b", "nginx;reboot", "$(id)", "a/../b", "/nginx",
        "nginx@sha256:12", "http://nginx", String(repeating: "a", count: 64), "ngi\\u0000nx", "nginx\\n",
    ])
    func `An invalid image name is refused`(_ image: String) async throws {
        let answer = try await create("image", "\"\(image)\"")
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == ["/image"])
    }

    @Test(arguments: [
        "run", "containers", "", "A", "a_b", "-a", "a-", "..", "a/b", "a\\u0000", "ä",
        String(repeating: "a", count: 41), String(repeating: "0123456789abcdef", count: 4),
    ])
    func `An invalid app name is refused`(_ name: String) async throws {
        let answer = try await create("name", "\"\(name)\"")
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == ["/name"])
    }

    @Test(
        arguments: [
            (#"[{"A":"1"},{"A":"2"}]"#, "/variables/1"), (#"[{"A=B":"1"}]"#, "/variables/0"),
            (#"[{"":"1"}]"#, "/variables/0"), (#"[{"A":"a\u0000b"}]"#, "/variables/0"),
            (#"[{"A\u0000":"b"}]"#, "/variables/0"), (#"[{"A":[]}]"#, "/variables/0/A"),
            (#"[{"A":null}]"#, "/variables/0/A"), (#"[{}]"#, "/variables/0"),
            (#"[{"A":"1","B":true}]"#, "/variables/0/B"),
            (#"["A=1"]"#, "/variables/0"), (#""A=1""#, "/variables"), ("7", "/variables"),
            (#"{"A":true}"#, "/variables/A"),
            (#"{"A=":"1"}"#, "/variables/A="), (#"{"a/b~c=":"1"}"#, "/variables/a~1b~0c="),
            (#"{"\u00e9":"1","e\u0301":"2"}"#, "/variables/e\u{301}"),
        ]
    )
    func `An invalid variable is refused with its place`(_ variables: String, _ pointer: String) async throws {
        let answer = try await create("variables", variables)
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == [pointer])
    }

    @Test(
        arguments: [
            (#""it's""#, "/command"), (#""a \"""#, "/command"), (#""a \\""#, "/command"), ("[]", "/command"),
            (#"["a",1]"#, "/command/1"), ("{}", "/command"), ("1", "/command"), (#"["a\u0000"]"#, "/command"),
            (#""a\u0000b""#, "/command"),
        ]
    )
    func `An invalid command is refused`(_ command: String, _ pointer: String) async throws {
        let answer = try await create("command", command)
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == [pointer])
    }

    @Test(arguments: [#""""#, #""  ""#, #""\n\t""#])
    func `A blank command line means the image's own command`(_ command: String) async throws {
        let answer = try await create("command", command)
        #expect(answer.status == 201)
        #expect(try answer.json()["command"] == .null)
    }

    @Test func `A word that looks like an option is an ordinary word`() async throws {
        let answer = try await create("command", #"["--privileged","-v","/:/host"]"#)
        #expect(try answer.text("command") == "--privileged -v /:/host")
    }

    @Test func `All invalid fields are reported at once, with the closest valid name`() async throws {
        let answer = try await create(
            #"{"name":"A","imgae":"nginx","command":[1],"variables":{"a=":"x","b":true},"x/y":null}"#
        )
        try expectProblem(answer, 422, "invalid_fields")
        #expect(
            try answer.pointers() == [
                "/name", "/image", "/command/0", "/variables/a=", "/variables/b", "/imgae", "/x~1y",
            ]
        )
        #expect(answer.body.contains(#"unknown field \"imgae\"; did you mean \"image\"?"#))
        #expect(try answer.text("detail") == "The request has 7 errors; the field errors lists them.")
    }

    @Test func `A single error is in the problem's detail too`() async throws {
        let answer = try await create(#"{"name":"app"}"#)
        #expect(try answer.text("detail") == "/image: is required")
    }

    @Test func `No answer repeats a value that may be a secret`() async throws {
        let answer = try await create(
            #"{"name":"app","image":"nginx","variables":[{"A":"s3cret\u0000"},{"B=":"s3cret"},{"C":"s3cret","D":"s3cret"}]}"#
        )
        #expect(answer.status == 422)
        #expect(!answer.body.contains("s3cret"))
    }

    @Test(arguments: [
        "", " ", "{", "nginx", "{'name':'app'}", #"{"name":"app",}"#, #"{"name":"app"} x"#, #"{"name":"a","name":"b"}"#,
        #"{"name":"app","image":"nginx","variables":{"A":"1","A":"2"}}"#, "NaN", "[1,]", "// x", "\u{FEFF}{}",
        #"{"name":"\ud800"}"#, #"{"name":"\x"}"#, "{\"name\":\"a\nb\"}", "01",
    ])
    func `Invalid JSON is refused with its place`(_ body: String) async throws {
        let answer = try await create(body)
        try expectProblem(answer, 400, "malformed_json")
        #expect(try answer.text("detail")?.contains("line ") == true)
    }

    @Test(arguments: [33, 1000, 100_000])
    func `Objects and arrays that are nested too deeply are refused`(_ depth: Int) async throws {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            let nested = String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
            let answer = try await create(nested)
            try expectProblem(answer, 400, "malformed_json")
            #expect(try answer.text("detail")?.contains("nested deeper than 32 levels") == true)
            #expect(try await create(String(repeating: open, count: depth)).status == 400)
        }
    }

    @Test func `The deepest allowed nesting is read`() async throws {
        let nested = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        try expectProblem(try await create(nested), 422, "invalid_fields")
    }
}
