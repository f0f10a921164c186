import HTTPTypes
import TestSupport
import Testing

@testable import Berth
@testable import BerthServer

@Suite(.timeLimit(.minutes(5))) struct WaitRoutesTests {
    private func get(_ path: String, port: Int) async throws -> String {
        let head = "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        return try await RawConnection.answer(to: Array(head.utf8), port: port)
    }

    private func waiting(_ client: RouterClient) -> Int { client.platform.runs.withState { $0.watchers.count } }

    private static func end(_ run: Run, in live: RunCache) {
        live.update(run.id) { run in
            var run = run
            run.state = .exited
            run.exitCode = 7
            return run
        }
    }

    @Test func `A wait is answered with the run as soon as it has finished`() async throws {
        let client = try await RouterClient()
        try await client.create("app")
        let run = try await client.record("app", .running)
        try await client.withServer { port in
            async let answer = get("/v1/runs/\(run.name)/wait", port: port)
            try await eventually("it waits") { waiting(client) == 1 }
            Self.end(run, in: client.platform.runs)
            let text = try await answer
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(text.contains(#""state":"exited","status":"F","exit_code":7"#))
            let again = try await get("/v1/runs/\(run.name)/wait?for=finished", port: port)
            #expect(again.hasPrefix("HTTP/1.1 200 OK\r\n"))
            let started = try await get("/v1/runs/\(run.name)/wait?for=started&timeout=0", port: port)
            #expect(started.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test func `A wait that reaches its timeout gets 408, and is safe to repeat`() async throws {
        let client = try await RouterClient()
        try await client.create("app")
        let run = try await client.record("app", .running)
        try await client.withServer { port in
            for _ in 0..<2 {
                let text = try await get("/v1/runs/\(run.name)/wait?for=finished&timeout=1", port: port)
                #expect(text.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
                #expect(text.contains(#""code":"not_reached""#))
            }
            #expect(waiting(client) == 0)
        }
    }

    @Test func `A wait ends when its client disconnects`() async throws {
        let client = try await RouterClient()
        try await client.create("app")
        let run = try await client.record("app", .running)
        try await client.withServer { port in
            let path = "/v1/runs/\(run.name)/wait?timeout=3600"
            var stream: RawStream? = try RawStream("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n", port: port)
            try await eventually("it waits") { waiting(client) == 1 }
            withExtendedLifetime(stream) {}
            stream = nil
            try await eventually("it is forgotten") { waiting(client) == 0 }
        }
    }

    @Test(
        arguments: [
            ("app-aaaaaa/wait", 404, "run_not_found"), ("x/wait", 404, "run_not_found"),
            ("app-aaaaaa/wait?for=gone", 422, "invalid_fields"), ("app-aaaaaa/wait?timeout=-1", 422, "invalid_fields"),
            ("app-aaaaaa/wait?timeout=3601", 422, "invalid_fields"), ("app-aaaaaa/wait?time=1", 422, "invalid_fields"),
        ]
    )
    func `An invalid wait is refused`(_ path: String, _ status: Int, _ code: String) async throws {
        let client = try await RouterClient()
        try await client.withServer { port in
            let text = try await get("/v1/runs/\(path)", port: port)
            #expect(text.hasPrefix("HTTP/1.1 \(status) "), "\(text)")
            #expect(text.contains("\"code\":\"\(code)\""))
        }
    }

    @Test func `A request with wait finished is answered when all of its runs have finished`() async throws {
        try await withFakeEngine { client, _ in
            try await client.create("app")
            async let answer = client.send(.post, "/v1/apps/app/runs", #"{"count":2,"wait":"finished"}"#)
            let live = client.platform.runs
            try await eventually("both run") { live.all().count { $0.state == .running } == 2 }
            for run in live.all() {
                // While a run is being started it is locked.
                try await eventually("it is stopped") {
                    try await client.send(.post, "/v1/runs/\(run.name)/stop").status == 200
                }
            }
            let order = try await answer
            #expect(order.status == 201)
            #expect(try order.texts("state") == ["exited", "exited"])
        }
    }

    @Test func `A request that reaches its timeout is answered with the current state, since the runs were started`()
        async throws
    {
        try await withFakeEngine { client, _ in
            try await client.create("app")
            let answer = try await client.send(.post, "/v1/apps/app/runs", #"{"wait":"finished","timeout":1}"#)
            #expect(answer.status == 201)
            #expect(try answer.texts("state") == ["running"])
        }
    }
}
