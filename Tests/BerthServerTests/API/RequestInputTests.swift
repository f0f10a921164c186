import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import BerthServer

@Suite struct RequestInputTests {
    private let client: RouterClient

    init() async throws { client = try await RouterClient() }

    @Test(arguments: [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp",
        "application/json-seq", "json", "",
    ])
    func `A body without a JSON content type is refused`(_ type: String) async throws {
        let body = #"{"name":"app","image":"nginx"}"#
        let answer = try await client.send(.post, "/apps", body, headers: [.contentType: type])
        try expectProblem(answer, 415, "unsupported_media_type")
        #expect(try await client.send(.get, "/apps").body == "[]\n")
    }

    @Test(arguments: [
        "application/json", "APPLICATION/JSON", "application/json; charset=utf-8", "application/json ;x=y",
    ])
    func `The content type may have parameters and capitals`(_ type: String) async throws {
        let body = #"{"name":"app","image":"nginx"}"#
        #expect(try await client.send(.post, "/apps", body, headers: [.contentType: type]).status == 201)
    }

    @Test func `A body above 1 MiB is refused by its declared and by its actual length`() async throws {
        let claimed = try await client.send(.post, "/apps", "{}", headers: [.contentLength: "2097152"])
        try expectProblem(claimed, 413, "body_too_large")
        let padded = #"{"name":"app","image":"nginx"}"# + String(repeating: " ", count: 2 << 20)
        try expectProblem(try await client.send(.post, "/apps", padded), 413, "body_too_large")
        #expect(try await client.send(.get, "/apps").body == "[]\n")
    }

    @Test func `A chunked body is read no further than 1 MiB`() async throws {
        let chunks = AsyncStream<ByteBuffer> { continuation in
            for _ in 0..<64 { continuation.yield(ByteBuffer(repeating: UInt8(ascii: " "), count: 32 << 10)) }
            continuation.finish()
        }
        let head = HTTPRequest(
            method: .post,
            scheme: "http",
            authority: "localhost",
            path: "/apps",
            headerFields: [.contentType: "application/json"]
        )
        let answer = try await client.send(Request(head: head, body: RequestBody(asyncSequence: chunks)))
        try expectProblem(answer, 413, "body_too_large")
    }

    @Test func `A body of exactly 1 MiB is read`() async throws {
        let json = #"{"name":"app","image":"nginx"}"#
        let padded = json + String(repeating: " ", count: (1 << 20) - json.utf8.count)
        #expect(try await client.send(.post, "/apps", padded).status == 201)
    }

    @Test(
        arguments: [
            ("/apps?x=1", "/x"), ("/apps/?limit=10", "/limit"), ("/apps/containers?state=R", "/state"),
            ("/v1/hosts?a", "/a"), ("/apps?a/b=1", "/a~1b"),
            ("/v1/apps/app?force=true", "/force"), ("/v1/apps/app/releases?app=x", "/app"),
            ("/v1/runs?name=x", "/name"), ("/v1/runs/app-aaaaaa?follow=1", "/follow"),
            ("/apps/app?force=true", "/force"), ("/v1/hosts/local?x=1", "/x"), ("/healthz?x=1", "/x"),
            ("/v1/version?x", "/x"), ("/apps?name=a&name=b", "/name"),
        ]
    )
    func `An unknown parameter is refused`(_ path: String, _ pointer: String) async throws {
        let answer = try await client.send(.get, path)
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == [pointer])
    }

    @Test(arguments: ["maybe", "2", "tru", "+1", "true&force=true"])
    func `A flag is true or false, and given once`(_ value: String) async throws {
        try await client.create("app")
        let answer = try await client.send(.delete, "/apps/app?force=\(value)")
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == ["/force"])
        #expect(try await client.send(.get, "/apps/app").status == 200)
    }

    @Test func `A misspelt parameter is refused with a suggestion`() async throws {
        try await client.create("app")
        let answer = try await client.send(.delete, "/apps/app?forse=true")
        try expectProblem(answer, 422, "invalid_fields")
        #expect(answer.body.contains("did you mean force?"))
    }

    @Test(arguments: ["true", "True", "1", "yes", "on", "0", "False", ""].map { "?force=\($0)" } + ["?force", "?"])
    func `A flag is accepted in common spellings, and without a value`(_ query: String) async throws {
        try await client.create("app")
        #expect(try await client.send(.delete, "/apps/app\(query)").status == 204)
    }
}
