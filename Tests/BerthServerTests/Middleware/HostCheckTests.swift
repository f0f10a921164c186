import Berth
import HTTPTypes
import Testing

@testable import BerthServer

@Suite struct HostCheckTests {
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

    @Test func `A server for other machines has the name that it listens on, and the allowed ones`() async throws {
        let client = try await RouterClient(
            listen: .network(host: "berth.example.org", port: 8080),
            network: NetworkSettings(allowedHosts: ["other.example.org", "[2001:db8::1]"])
        )
        for authority in ["berth.example.org", "BERTH.example.org:8080", "other.example.org:1", "[2001:db8::1]:80"] {
            #expect(try await client.send(.get, "/apps", authority: authority).status == 200, "\(authority)")
        }
        for authority in ["localhost", "127.0.0.1", "example.org", "xberth.example.org", "berth.example.org.", "[::1]"]
        {
            for method in [HTTPRequest.Method.get, .head, .post, .options] {
                #expect(try await client.send(method, "/apps", authority: authority).status == 421, "\(authority)")
            }
        }
    }

    @Test func `Over TLS only a page with https is one of this server`() async throws {
        let client = try await RouterClient(network: NetworkSettings(tls: TLSFiles(certificate: "/c", key: "/k")))
        for (origin, status) in [("http://localhost:8080", 403), ("https://localhost:8080", 201)] {
            let answer = try await client.send(.post, "/apps", app, headers: [.origin: origin])
            #expect(answer.status == status, "\(origin)")
            #expect(answer.headers[.strictTransportSecurity] == "max-age=31536000")
        }
    }

    @Test func `A trusted proxy says for which page it passes a request on, and others are not believed`() async throws
    {
        let proxies = TrustedProxies(networks: [try #require(IPNetwork("10.0.0.0/8"))])
        let client = try await RouterClient(
            network: NetworkSettings(allowedHosts: ["berth.example.org"], trustedProxies: proxies)
        )
        func send(_ host: String, from address: String) async throws -> Int {
            let headers: HTTPFields = [
                .origin: "https://berth.example.org", .named("X-Forwarded-Proto"): "https",
                .named("X-Forwarded-Host"): host,
            ]
            return try await client.send(.delete, "/apps/app", headers: headers, from: address).status
        }
        #expect(try await send("berth.example.org", from: "10.1.2.3") == 404)
        #expect(try await send("berth.example.org", from: "11.1.2.3") == 403)
        #expect(try await send("evil.example.org", from: "10.1.2.3") == 421)
    }
}
