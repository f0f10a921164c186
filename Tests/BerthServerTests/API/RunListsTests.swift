import HTTPTypes
import Hummingbird
import Testing

@testable import Berth
@testable import BerthServer

@Suite struct RunListsTests {
    private let client: RouterClient

    init() async throws { client = try await RouterClient() }

    private func get(_ path: String, unless tag: String? = nil) async throws -> Answer {
        try await client.send(.get, path, headers: tag.map { [.ifNoneMatch: $0] } ?? [:])
    }

    private func end(_ run: Run) {
        client.platform.runs.update(run.id) { run in
            var run = run
            run.state = .exited
            run.exitCode = 3
            return run
        }
    }

    @Test(arguments: ["/apps/containers", "/v1/runs", "/v1/runs?status=R", "/v1/runs?app=app&limit=1"])
    func `A client that already has the list gets 304 without a body, until the list changes`(
        _ path: String
    ) async throws {
        try await client.create("app")
        let run = try await client.record("app", .running)
        let first = try await get(path)
        let tag = try #require(first.headers[.eTag])
        #expect(tag.hasPrefix(#"W/""#))
        let same = try await get(path, unless: tag)
        #expect(same.status == 304)
        #expect(same.bytes.isEmpty)
        #expect(same.headers[.eTag] == tag)
        #expect(same.headers[.contentType] == nil)
        for other in ["*", "\"x\", \(tag)"] {
            let answer = try await get(path, unless: other)
            #expect(answer.status == 304, "\(other)")
        }
        end(run)
        let changed = try await get(path, unless: tag)
        #expect(changed.status == 200)
        #expect(changed.headers[.eTag] != tag)
        #expect(changed.bytes != first.bytes)
    }

    @Test func `Containers can be listed by app, with a tag of their own`() async throws {
        for app in ["app", "other"] { try await client.create(app) }
        let run = try await client.record("app", .running)
        _ = try await client.record("other", .exited)
        let one = try await get("/apps/containers?app=app")
        #expect(one.body == #"[{"name":"\#(run.name)","Status":"R","images":"app"}]"# + "\n")
        #expect(try await get("/apps/containers?app=app", unless: one.headers[.eTag] ?? "").status == 304)
        for nothing in ["none", "NONE", ""] { #expect(try await get("/apps/containers?app=\(nothing)").body == "[]\n") }
        #expect(try await get("/apps/containers").body.ranges(of: "Status").count == 2)
    }

    @Test func `Each list has its own tag, and an invalid tag is refused`() async throws {
        try await client.create("app")
        _ = try await client.record("app", .running)
        let tag = try #require(try await get("/v1/runs").headers[.eTag])
        let other = try await get("/v1/runs?status=F", unless: tag)
        #expect(other.status == 200)
        let bad = try await get("/v1/runs", unless: "no quotes")
        try expectProblem(bad, 400, "invalid_precondition")
    }

    @Test func `A repeated list request shows the current state`() async throws {
        try await client.create("app")
        var runs: [Run] = []
        for state in [RunState.running, .exited, .paused] { runs.append(try await client.record("app", state)) }
        #expect(try await get("/v1/runs").items().count == 3)
        client.platform.runs.observed([runs[0].id], at: Timestamp(milliseconds: 4_102_444_800_005))
        #expect(try await get("/v1/runs").body.contains(#""observed_at":"2100-01-01T00:00:00.005Z","stale":true"#))
        client.platform.runs.setConnected(runs[0].host, true)
        #expect(try await !get("/v1/runs").body.contains(#""stale":true"#))
        end(runs[2])
        #expect(try await get("/v1/runs?state=exited").items().count == 2)
        client.platform.runs.remove([runs[1].id])
        #expect(try await get("/v1/runs?state=exited").texts("name") == ["\(runs[2].name)"])
        let containers = try await get("/apps/containers").body
        #expect(containers.contains(#"{"name":"\#(runs[2].name)","Status":"F","images":"app"}"#))
        #expect(containers.ranges(of: "Status").count == 2)
    }

    @Test func `More lists than the cache holds are answered correctly`() async throws {
        try await client.create("app")
        for number in 0..<40 {
            let run = try await client.record("app", .running)
            client.platform.runs.update(run.id) { run in
                var run = run
                run.reason = String(repeating: "r", count: 40_000) + "\(number)"
                return run
            }
        }
        for limit in 1...40 {
            let answer = try await get("/v1/runs?limit=\(limit)")
            #expect(try answer.items().count == limit)
        }
        #expect(try await get("/v1/runs?limit=40").items().count == 40)
    }
}
