import HTTPTypes
import Testing

@testable import BerthServer

@Suite struct SecurityHeadersTests {
    @Test(arguments: ["/apps", "/nowhere", "/docs", "/healthz", "/v1/runs?x=1"])
    func `Every response tells browsers not to guess, embed or tell others`(_ path: String) async throws {
        let headers = try await RouterClient().send(.get, path).headers
        #expect(headers[.xContentTypeOptions] == "nosniff")
        #expect(headers[.named("X-Frame-Options")] == "DENY")
        #expect(headers[.named("Referrer-Policy")] == "no-referrer")
        let policies = headers[values: .contentSecurityPolicy]
        #expect(policies.count == 1 && policies[0].contains("frame-ancestors 'none'"))
        #expect(policies[0].contains("style-src 'sha256-") == (path == "/docs"))
        #expect(headers[.strictTransportSecurity] == nil)
    }

    @Test func `A response to a token is not kept, or only with a check of its entity tag`() async throws {
        let client = try await RouterClient()
        try await client.create("app")
        for (path, control) in [("/apps/app", "private, no-cache"), ("/apps", "no-store"), ("/nowhere", "no-store")] {
            for headers in [[.authorization: "Basic x"], [.cookie: "a=b"]] as [HTTPFields] {
                let answer = try await client.send(.get, path, headers: headers)
                #expect(answer.headers[values: .cacheControl] == [control], "\(path)")
            }
            #expect(try await client.send(.get, path).headers[.cacheControl] == nil)
        }
    }

    @Test func `Metrics need a token, unless they are open`() async throws {
        let closed = try await RouterClient(hasAuthentication: true)
        try expectProblem(try await closed.send(.get, "/metrics"), 401, "unauthenticated")
        let open = try await RouterClient(hasAuthentication: true, network: NetworkSettings(opensMetrics: true))
        #expect(try await open.send(.get, "/metrics").status == 200)
        #expect(try await open.send(.get, "/apps").status == 401)
    }
}
