import HTTPTypes
import Testing

@testable import BerthServer

@Suite struct RequestLoggingTests {
    private let client: RouterClient

    init() async throws { client = try await RouterClient() }

    private static let name = HTTPField.Name("X-Request-Id")

    private func idOfAnswer(to id: String?, _ path: String = "/healthz") async throws -> String? {
        let name = try #require(Self.name)
        var headers = HTTPFields()
        if let id { headers.append(HTTPField(name: name, value: id)) }
        return try await client.send(.get, path, headers: headers).headers[name]
    }

    @Test(arguments: ["a", "7f3k9q", "A-b_c.9", String(repeating: "a", count: 128)])
    func `A valid id of the client is repeated`(_ id: String) async throws {
        #expect(try await idOfAnswer(to: id) == id)
    }

    @Test(arguments: [
        "", " ", "a b", "a\r\nX-Evil: 1", "ä", "🚢", "a,b", "a\"b", "a;b", "<script>", "\u{1B}[2J",
        String(repeating: "a", count: 129), String(repeating: "a", count: 100_000),
    ])
    func `An invalid id of the client is replaced`(_ id: String) async throws {
        let answered = try await idOfAnswer(to: id)
        #expect(answered?.wholeMatch(of: /[0-9a-f]{32}/) != nil)
    }

    @Test func `Two ids count as none`() async throws {
        let name = try #require(Self.name)
        var headers = HTTPFields()
        for id in ["a", "b"] { headers.append(HTTPField(name: name, value: id)) }
        let answer = try await client.send(.get, "/healthz", headers: headers)
        #expect(answer.headers[name]?.wholeMatch(of: /[0-9a-f]{32}/) != nil)
    }

    @Test func `Every request without an id gets its own`() async throws {
        var ids: Set<String?> = []
        for _ in 0..<50 { ids.insert(try await idOfAnswer(to: nil)) }
        #expect(ids.count == 50)
    }

    @Test(arguments: ["/nowhere", "/apps/missing", "/apps?x=1"])
    func `A problem names the id of its request`(_ path: String) async throws {
        let name = try #require(Self.name)
        let answer = try await client.send(.get, path, headers: [name: "mine-1"])
        #expect(answer.headers[name] == "mine-1")
        #expect(try answer.text("request_id") == "mine-1")
    }
}
