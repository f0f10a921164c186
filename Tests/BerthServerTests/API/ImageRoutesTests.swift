import BerthAPI
import DockerEngine
import FakeEngine
import HTTPTypes
import JSON
import TestSupport
import Testing

@testable import Berth
@testable import BerthServer

@Suite(.timeLimit(.minutes(5))) struct ImageRoutesTests {
    private static func id(_ digit: Character) -> String { "sha256:" + String(repeating: digit, count: 64) }

    private func image(_ digit: Character, _ tags: String..., created: Int64 = 1_700_000_000) -> Image {
        Image(id: Self.id(digit), tags: tags, created: created)
    }

    /// Makes releases of an app, one for each image.
    private func release(_ client: RouterClient, _ app: String, _ images: String...) async throws {
        try await client.create(app, image: images[0])
        for image in images.dropFirst() {
            #expect(try await client.send(.patch, "/v1/apps/\(app)", "{\"image\":\"\(image)\"}").status == 200)
        }
    }

    private func ids(_ answer: Answer) throws -> [String?] { try answer.texts("id") }

    @Test func `Images are listed newest first, with what uses them`() async throws {
        try await withFakeEngine { client, engine in
            try await engine.add(
                image("a", "one:latest", "one:1", created: 1_700_000_000),
                Image(id: usualImageID, tags: ["two:latest"], created: 1_700_000_005),
                image("b", created: 1_700_000_009)
            )
            try await release(client, "app", "one:1", "one", "two")
            #expect(try await client.send(.post, "/v1/apps/app/runs", #"{"count":2}"#).status == 201)
            let answer = try await client.send(.get, "/v1/images?host=local")
            #expect(answer.status == 200)
            let items = try answer.items()
            #expect(try ids(answer) == [Self.id("b"), usualImageID, Self.id("a")])
            #expect(items.map { $0["used_by_runs"]?.text } == ["0", "2", "0"])
            #expect(items.map { $0["used_by_releases"]?.text } == ["0", "1", "2"])
            #expect(items[1]["tags"]?.text == #"["two:latest"]"#)
            #expect(items[1]["created_at"]?.text == #""2023-11-14T22:13:25.000Z""#)
            #expect(items[0]["tags"]?.text == "[]")
        }
    }

    @Test func `Images are paged`() async throws {
        try await withFakeEngine { client, engine in
            try await engine.add(image("a"), image("c"), image("b"), image("d", created: 1))
            var found: [String?] = []
            var path = "/v1/images?limit=1"
            for _ in 0..<4 {
                let page = try await client.send(.get, path)
                found += try ids(page)
                path = try "/v1/images?limit=1&cursor=\(page.text("next_cursor") ?? "")"
            }
            #expect(found == [Self.id("a"), Self.id("b"), Self.id("c"), Self.id("d")])
            let wrong = try await client.send(.get, "/v1/images?cursor=x")
            #expect(try wrong.pointers() == ["/cursor"])
        }
    }

    @Test func `A pull reports its progress, and its last line is the image`() async throws {
        try await withFakeEngine { client, engine in
            let answer = try await client.send(.post, "/v1/images/pull", #"{"image":"nginx"}"#)
            #expect(answer.status == 200)
            #expect(answer.headers[.contentType] == "application/x-ndjson")
            let id = try #require(try await engine.images.first?.id)
            #expect(
                answer.body.hasSuffix(
                    #"{"layer":"a1b2c3d4e5f6","status":"Pull complete"}"# + "\n" + #"{"image_id":"\#(id)"}"# + "\n"
                )
            )
            #expect(try await engine.images.map(\.tags) == [["nginx:latest"]])
        }
    }

    @Test(arguments: [true, false])
    func `A line of progress has bytes if the engine counts them`(_ areBytes: Bool) {
        let detail = PullProgress.Detail(current: -3, total: 7, areBytes: areBytes)
        let line = PullJSON(PullProgress(layer: "a", status: "Extracting", detail: detail))
        #expect(line.currentBytes == (areBytes ? 0 : nil))
        #expect(line.totalBytes == (areBytes ? 7 : nil))
    }

    @Test func `A pull that fails before any progress is a problem, and a later failure is the last line`() async throws
    {
        var behavior = FakeEngineBehavior()
        behavior.pullFailure = "manifest unknown"
        try await withFakeEngine(behavior) { client, engine in
            let late = try await client.send(.post, "/v1/images/pull", #"{"image":"nginx","host":"local"}"#)
            #expect(late.status == 200)
            let lines = late.body.split(separator: "\n")
            let last = try JSONReader.parse(Array(try #require(lines.last).utf8))
            let problem = try #require(last.member("error"))
            #expect(problem.member("code") == "engine_error")
            #expect(problem.member("status")?.text == "502")
            #expect(problem.member("detail")?.text.contains("manifest unknown") == true)
            behavior.pullsSilently = true
            try await engine.set(behavior)
            let early = try await client.send(.post, "/v1/images/pull", #"{"image":"nginx"}"#)
            try expectProblem(early, 502, "engine_error")
            #expect(try early.text("detail")?.contains("manifest unknown") == true)
        }
    }

    @Test func `A pull takes no idempotency key, since its response is a stream`() async throws {
        let client = try await RouterClient()
        let answer = try await client.send(
            .post,
            "/v1/images/pull",
            #"{"image":"nginx"}"#,
            headers: [.idempotencyKey: "one"]
        )
        try expectProblem(answer, 400, "invalid_idempotency_key")
    }

    @Test(
        arguments: [
            ("{}", ["/image"]), (#"{"image":"A b"}"#, ["/image"]), (#"{"image":"nginx","host":"far"}"#, ["/host"]),
            (#"{"image":"nginx","tag":"1"}"#, ["/tag"]),
        ]
    )
    func `A pull needs an image and a host that exists`(_ body: String, _ pointers: [String]) async throws {
        let answer = try await RouterClient().send(.post, "/v1/images/pull", body)
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == pointers)
    }

    @Test func `A server with several hosts needs to know which one`() async throws {
        let client = try await RouterClient(hosts: ["one", "two"])
        let requests: [(HTTPRequest.Method, String, String?)] = [
            (.get, "/v1/images", nil), (.post, "/v1/images/pull", #"{"image":"nginx"}"#),
            (.post, "/v1/images/prune", nil), (.delete, "/v1/images/\(Self.id("a"))", nil),
        ]
        for (method, path, body) in requests {
            let answer = try await client.send(method, path, body)
            try expectProblem(answer, 422, "invalid_fields")
            #expect(try answer.pointers() == ["/host"])
        }
        try expectProblem(try await client.send(.get, "/v1/images?host=far"), 404, "host_not_found")
        try expectProblem(try await client.send(.get, "/v1/images?host=.."), 404, "host_not_found")
    }

    @Test func `An unused image is removed by its full id`() async throws {
        try await withFakeEngine { client, engine in
            try await engine.add(image("a", "one:1"), image("b"), image("c", "a:1", "b:1"))
            for path in [Self.id("a"), String(Self.id("b").dropFirst(7))] {
                #expect(try await client.send(.delete, "/v1/images/\(path)").status == 204)
                try expectProblem(try await client.send(.delete, "/v1/images/\(path)"), 404, "image_not_found")
            }
            for path in ["one:1", "aaaaaaaaaaaa", "..", "%2e%2e", "sha256:x"] {
                try expectProblem(try await client.send(.delete, "/v1/images/\(path)"), 404, "image_not_found")
            }
            let several = try await client.send(.delete, "/v1/images/\(Self.id("c"))")
            try expectProblem(several, 409, "image_in_use")
            #expect(try await engine.images.map(\.tags) == [["a:1", "b:1"]])
        }
    }

    @Test func `An image of a live run, or of a container that has ended, is in use`() async throws {
        try await withFakeEngine { client, engine in
            try await engine.add(Image(id: usualImageID, tags: ["nginx:latest"]))
            try await client.create("app")
            let run = try await client.send(.post, "/v1/apps/app/runs").texts("name")[0] ?? ""
            let live = try await client.send(.delete, "/v1/images/\(usualImageID)")
            try expectProblem(live, 409, "image_in_use")
            #expect(try live.text("detail")?.contains("1 run uses it") == true)
            #expect(try await client.send(.post, "/v1/runs/\(run)/stop").status == 200)
            let ended = try await client.send(.delete, "/v1/images/\(usualImageID)")
            try expectProblem(ended, 409, "image_in_use")
            #expect(try await client.send(.delete, "/v1/runs/\(run)").status == 200)
            #expect(try await client.send(.delete, "/v1/images/\(usualImageID)").status == 204)
            #expect(try await engine.images.isEmpty)
        }
    }

    @Test func `A prune removes images of earlier releases that nothing uses, with all their names`() async throws {
        try await withFakeEngine { client, engine in
            try await engine.add(
                image("a", "web:1", "registry.example.org/web:1"),
                image("b", "web:2"),
                image("c", "web:3"),
                image("d", "foreign:1"),
                Image(id: usualImageID, tags: ["web:0"])
            )
            try await release(client, "web", "web:0")
            #expect(try await client.send(.post, "/v1/apps/web/runs").status == 201)
            for version in 1...3 {
                _ = try await client.send(.patch, "/v1/apps/web", "{\"image\":\"web:\(version)\"}")
            }
            let body = #"{"host":"local","keep_releases":2}"#
            let answer = try await client.send(.post, "/v1/images/prune", body)
            #expect(answer.status == 200)
            #expect(
                answer.body == #"{"removed":[{"id":"\#(Self.id("a"))","tags":["web:1","registry.example.org/web:1"],"#
                    + #""size_bytes":1000}],"reclaimed_bytes":1000}"# + "\n"
            )
            #expect(
                try await engine.images.map(\.tags) == [["web:2"], ["web:3"], ["foreign:1"], ["web:0"]]
            )
            let again = try await client.send(.post, "/v1/images/prune")
            #expect(again.body == #"{"removed":[],"reclaimed_bytes":0}"# + "\n")
        }
    }

    @Test(arguments: [#"{"keep_releases":0}"#, #"{"keep_releases":-1}"#, #"{"keep_releases":"5"}"#])
    func `A prune keeps at least one release of each app`(_ body: String) async throws {
        let answer = try await RouterClient().send(.post, "/v1/images/prune", body)
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == ["/keep_releases"])
    }

    @Test func `Images of a host that is away are an error before the response`() async throws {
        let client = try await RouterClient()
        try await client.withUnreachableHost {
            for (method, path, body) in [
                (HTTPRequest.Method.get, "/v1/images", nil), (.post, "/v1/images/pull", #"{"image":"nginx"}"#),
                (.post, "/v1/images/prune", nil), (.delete, "/v1/images/\(Self.id("a"))", nil as String?),
            ] {
                try expectProblem(try await client.send(method, path, body), 503, "host_unreachable")
            }
        }
    }
}
