import Berth
import HTTPTypes
import Testing

@testable import BerthServer

@Suite struct RateLimiterTests {
    private let start = ContinuousClock.now

    @Test func `A minute's requests may come at once, and then as evenly as the limit says`() {
        var limiter = RateLimiter<String>(requestsPerMinute: 60)
        for _ in 0..<60 { #expect(limiter.take("a", at: start) == nil) }
        #expect(limiter.take("a", at: start) == .seconds(1))
        #expect(limiter.take("b", at: start) == nil)
        #expect(limiter.take("a", at: start + .milliseconds(999)) == .milliseconds(1))
        #expect(limiter.take("a", at: start + .seconds(1)) == nil)
        #expect(limiter.take("a", at: start + .seconds(1)) == .seconds(1))
        for _ in 0..<60 { #expect(limiter.take("a", at: start + .seconds(200)) == nil) }
        #expect(limiter.take("a", at: start + .seconds(200)) != nil)
    }

    @Test func `A refused request takes nothing`() {
        var limiter = RateLimiter<String>(requestsPerMinute: 1)
        #expect(limiter.take("a", at: start) == nil)
        for second in 1..<60 { #expect(limiter.take("a", at: start + .seconds(second)) == .seconds(60 - second)) }
        #expect(limiter.take("a", at: start + .seconds(60)) == nil)
    }

    @Test func `Any number of keys takes bounded memory, and those that send most stay limited`() {
        var limiter = RateLimiter<Int>(requestsPerMinute: 10, capacity: 100)
        for _ in 0..<10 { _ = limiter.take(-1, at: start) }
        for key in 0..<100_000 {
            _ = limiter.take(key, at: start + .milliseconds(key / 1000))
            #expect(limiter.count <= 100)
        }
        #expect(limiter.take(-1, at: start + .milliseconds(100)) != nil)
    }

    @Test func `Full buckets are forgotten first`() {
        var limiter = RateLimiter<Int>(requestsPerMinute: 60, capacity: 10)
        for key in 0..<9 { _ = limiter.take(key, at: start) }
        for _ in 0..<30 { _ = limiter.take(100, at: start) }
        _ = limiter.take(200, at: start + .seconds(5))
        #expect(limiter.count == 2)
    }

    @Test func `Requests without a valid token are limited by address, health checks as well`() async throws {
        let client = try await RouterClient(hasAuthentication: true, network: NetworkSettings(rateLimit: 3))
        for path in ["/apps", "/healthz", "/apps"] {
            #expect(try await client.send(.get, path, from: "192.0.2.1").status != 429)
        }
        for path in ["/apps", "/healthz"] {
            let answer = try await client.send(.get, path, from: "192.0.2.1")
            try expectProblem(answer, 429, "rate_limited")
            #expect(["20", "21"].contains(answer.headers[.retryAfter]))
        }
        #expect(try await client.send(.get, "/apps", from: "192.0.2.2").status == 401)
    }

    @Test func `A token has its own limit, ten times as high`() async throws {
        let client = try await RouterClient(hasAuthentication: true, network: NetworkSettings(rateLimit: 1))
        let text = try await client.platform.tokens.create(
            .init("one"),
            .viewer,
            .everything,
            lifetime: nil,
            by: Caller(.local)
        ).text.text
        #expect(try await client.send(.get, "/apps", from: "192.0.2.1").status == 401)
        #expect(try await client.send(.get, "/apps", from: "192.0.2.1").status == 429)
        let headers: HTTPFields = [.authorization: "Bearer \(text)"]
        for _ in 0..<10 {
            #expect(try await client.send(.get, "/apps", headers: headers, from: "192.0.2.1").status == 200)
        }
        try expectProblem(
            try await client.send(.get, "/apps", headers: headers, from: "192.0.2.3"),
            429,
            "rate_limited"
        )
    }

    @Test func `Nothing is limited without authentication`() async throws {
        let client = try await RouterClient(network: NetworkSettings(rateLimit: 1))
        for _ in 0..<20 { #expect(try await client.send(.get, "/apps").status == 200) }
    }
}
