import Berth
import HTTPTypes
import Testing

@testable import BerthServer

@Suite struct LocalOnlyTests {
    private let app = #"{"name":"app","image":"nginx"}"#

    @Test(arguments: [
        "localhost", "localhost:8080", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:8080",
    ])
    func `The names of loopback are accepted`(_ authority: String) async throws {
        #expect(try await RouterClient().send(.get, "/apps", authority: authority).status == 200)
    }

    @Test(arguments: [
        nil, "", "evil.example.org", "evil.example.org:8080", "localhost.evil.example.org", "127.0.0.1.evil.org",
        "10.0.0.1:8080", "[::2]", "::1", "localhost:80:80", "user@localhost", "localhost,evil", "0.0.0.0", "localhost.",
    ])
    func `Any other host name is refused`(_ authority: String?) async throws {
        let client = try await RouterClient()
        for path in ["/apps", "/healthz", "/nowhere"] {
            try expectProblem(try await client.send(.get, path, authority: authority), 421, "misdirected_request")
        }
        try expectProblem(
            try await client.send(.post, "/apps", app, authority: authority),
            421,
            "misdirected_request"
        )
        #expect(try await client.platform.apps.list(for: .local).isEmpty)
    }

    @Test func `On a Unix socket the host name is not checked`() async throws {
        let client = try await RouterClient(listen: .unixSocket(path: "/run/berth.sock"))
        #expect(try await client.send(.get, "/apps", authority: "anything").status == 200)
        #expect(try await client.send(.get, "/apps", authority: nil).status == 200)
    }

    @Test(arguments: [
        "http://evil.example.org", "null", "", "https://localhost:8080", "http://localhost:8081", "http://localhost",
        "http://localhost:8080.evil.org", "HTTP://LOCALHOST:8080/",
    ])
    func `A page of another site can change nothing and gets no permission to read`(_ origin: String) async throws {
        let client = try await RouterClient()
        for method in [HTTPRequest.Method.post, .put, .patch, .delete, .options] {
            let answer = try await client.send(method, "/apps", app, headers: [.origin: origin])
            try expectProblem(answer, 403, "cross_origin")
        }
        #expect(try await client.platform.apps.list(for: .local).isEmpty)
        let read = try await client.send(.get, "/apps", headers: [.origin: origin])
        #expect(read.status == 200)
        #expect(read.headers[.accessControlAllowOrigin] == nil)
    }

    @Test func `A page of this server can make changes`() async throws {
        let client = try await RouterClient()
        let answer = try await client.send(.post, "/apps", app, headers: [.origin: "http://localhost:8080"])
        #expect(answer.status == 201)
    }
}
