import HTTPTypes
import Testing

@testable import BerthServer

@Suite struct ReleasePreconditionsTests {
    private let client: RouterClient

    /// An app at release 3.
    init() async throws {
        client = try await RouterClient()
        try await client.create("web")
        for image in ["two", "three"] { _ = try await client.send(.put, "/apps/web", "{\"image\":\"\(image)\"}") }
    }

    private typealias Call = (method: HTTPRequest.Method, path: String, body: String?)

    private static let calls: [Call] = [
        (.put, "/apps/web", #"{"image":"four"}"#), (.patch, "/apps/web", #"{"image":"four"}"#),
        (.delete, "/apps/web", nil), (.put, "/v1/apps/web", #"{"image":"four"}"#),
        (.patch, "/v1/apps/web", #"{"image":"four"}"#), (.delete, "/v1/apps/web", nil),
        (.post, "/v1/apps/web/rollback", #"{"release":1}"#),
    ]

    @Test(arguments: calls, ["\"3\"", "*", "\"3\", \"9\"", "\"9\",\"3\"", "W/\"9\", \"3\"", "\"x\", \"3\"", nil])
    private func `A change is made if the release matches`(_ call: Call, _ field: String?) async throws {
        var headers = HTTPFields()
        headers[.ifMatch] = field
        let answer = try await client.send(call.method, call.path, call.body, headers: headers)
        #expect(answer.status == (call.method == .delete ? 204 : 200), "\(answer.body)")
        #expect(answer.headers[.eTag] == (call.method == .delete ? nil : "\"4\""))
    }

    @Test(arguments: calls, ["\"2\"", "W/\"3\"", "\"03\"", "\"\"", "\"1\", \"2\"", "\"x\"", "W/\"3\", \"2\"", "\"4\""])
    private func `A change is refused if the release does not match`(_ call: Call, _ field: String) async throws {
        let answer = try await client.send(call.method, call.path, call.body, headers: [.ifMatch: field])
        try expectProblem(answer, 412, "release_changed")
        let now = try await client.send(.get, "/v1/apps/web")
        #expect(now.headers[.eTag] == "\"3\"")
        #expect(try now.text("image") == "three")
    }

    @Test(arguments: calls, ["3", "\"3", "", "W/3", "*, \"3\""])
    private func `An invalid precondition is refused`(_ call: Call, _ field: String) async throws {
        let answer = try await client.send(call.method, call.path, call.body, headers: [.ifMatch: field])
        try expectProblem(answer, 400, "invalid_precondition")
        #expect(try await client.send(.get, "/apps/web").headers[.eTag] == "\"3\"")
    }

    @Test(arguments: calls)
    private func `A precondition on a missing app gets a not-found answer`(_ call: Call) async throws {
        let path = call.path.replacing("web", with: "none")
        for field in ["\"1\"", "*", "\"1\",\"2\""] {
            let answer = try await client.send(call.method, path, call.body, headers: [.ifMatch: field])
            try expectProblem(answer, 404, "app_not_found")
        }
    }

    @Test(arguments: ["/apps/web", "/v1/apps/web"], [HTTPRequest.Method.get, .head])
    func `A client that already has the release gets 304`(_ path: String, _ method: HTTPRequest.Method) async throws {
        for field in ["\"3\"", "W/\"3\"", "\"1\", \"3\"", "*"] {
            let answer = try await client.send(method, path, headers: [.ifNoneMatch: field])
            #expect(answer.status == 304)
            #expect(answer.bytes.isEmpty)
            #expect(answer.headers[.eTag] == "\"3\"")
            // For HEAD the body is removed where the answer is written.
            #expect(method == .head || answer.headers[.contentLength] == nil)
        }
        for field in ["\"2\"", "\"x\""] {
            let answer = try await client.send(method, path, headers: [.ifNoneMatch: field])
            #expect(answer.status == 200)
            #expect(answer.headers[.eTag] == "\"3\"")
        }
        #expect(try await client.send(method, path, headers: [.ifNoneMatch: "3"]).status == 400)
    }

    @Test func `Only one of several concurrent changes for one release is made`() async throws {
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let body = "{\"image\":\"i\(number)\"}"
                    return try await client.send(.put, "/v1/apps/web", body, headers: [.ifMatch: "\"3\""]).status
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.sorted() == [200] + Array(repeating: 412, count: 19))
    }
}
