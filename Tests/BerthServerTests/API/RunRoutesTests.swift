import DockerEngine
import HTTPTypes
import JSON
import Testing

@testable import Berth
@testable import BerthServer

@Suite(.timeLimit(.minutes(5))) struct RunRoutesTests {
    private let client: RouterClient

    init() async throws { client = try await RouterClient(hosts: ["local", "web"]) }

    private func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_795_435_200_000 + milliseconds) }

    @Test func `A run is shown with all of its fields`() async throws {
        try await client.create("app", image: "nginx:1.29")
        let recorded = try await client.record("app", .exited, at: time(123))
        let run = try #require(
            client.platform.runs.update(recorded.id, observedAt: time(9000)) { run in
                var run = run
                run.imageID = "sha256:1"
                run.exitCode = 137
                run.isOutOfMemory = true
                run.reason = "It was too large."
                run.startedAt = time(1000)
                run.finishedAt = time(2000)
                run.ports = [try? Port(container: 80, host: 32768, transport: .tcp)].compactMap { $0 }
                return run
            }
        )
        let answer = try await client.send(.get, "/v1/runs/\(run.name)/")
        #expect(answer.status == 200)
        #expect(
            answer.body == """
                {"name":"\(run.name)","app":"app","release":1,"host":"local","image":"nginx:1.29","image_id":"sha256:1",\
                "command":null,"state":"exited","status":"F","exit_code":137,"reason":"It was too large.",\
                "oom_killed":true,"container_id":"\(String(repeating: "a", count: 64))",\
                "ports":[{"container":80,"host":32768,"protocol":"tcp","address":null}],"health":null,"created_at":"2026-11-23T12:00:00.123Z",\
                "started_at":"2026-11-23T12:00:01.000Z","finished_at":"2026-11-23T12:00:02.000Z",\
                "observed_at":"2026-11-23T12:00:09.000Z","stale":true}

                """
        )
        #expect(
            try await client.send(.get, "/v1/runs").body
                == "{\"items\":[\(answer.body.dropLast())],\"next_cursor\":null}\n"
        )
    }

    @Test func `Runs are filtered by their fields`() async throws {
        for app in ["a", "b"] { try await client.create(app) }
        let runs = [
            try await client.record("a", .running, on: "local", at: time(1)),
            try await client.record("a", .exited, on: "web", at: time(2)),
            try await client.record("b", .failed, on: "web", at: time(3)),
            try await client.record("b", .paused, on: "local", at: time(4)),
        ].map(\.name.description)
        for (query, wanted) in [
            ("", [3, 2, 1, 0]), ("?app=a", [1, 0]), ("?host=web", [2, 1]), ("?state=paused", [3]),
            ("?status=R", [3, 0]),
            ("?status=F&app=b", [2]), ("?app=a&host=web&state=exited&status=F", [1]), ("?state=running&status=F", []),
            ("?app=none", []), ("?host=none", []), ("?app=A/B", []), ("?host=", []), ("?app=", []),
        ] {
            let answer = try await client.send(.get, "/v1/runs\(query)")
            #expect(answer.status == 200)
            #expect(try answer.texts("name") == wanted.map { runs[$0] }, "\(query)")
            #expect(try answer.json()["next_cursor"] == .null)
        }
    }

    @Test(
        arguments: [
            ("state=up", ["/state"]), ("status=X", ["/status"]), ("status=r", ["/status"]), ("limit=0", ["/limit"]),
            ("state=x&status=y&limit=z&cursor=w", ["/state", "/status", "/limit", "/cursor"]), ("stat=R", ["/stat"]),
        ]
    )
    func `Invalid filters are refused, all of them at once`(_ query: String, _ pointers: [String]) async throws {
        let answer = try await client.send(.get, "/v1/runs?\(query)")
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == pointers)
    }

    @Test func `Pages stay right while runs are added and removed, even with equal times`() async throws {
        try await client.create("app")
        var runs: [Run] = []
        for number in 0..<9 { runs.append(try await client.record("app", .exited, at: time(Int64(number / 3)))) }
        let order = runs.sorted { RunPosition(of: $0) > RunPosition(of: $1) }
        var seen: [String?] = []
        var cursor = ""
        for part in 0..<5 {
            let answer = try await client.send(.get, "/v1/runs?limit=2\(cursor)")
            seen += try answer.texts("name")
            guard let next = try answer.text("next_cursor") else { break }
            cursor = "&cursor=\(next)"
            // The run of the cursor is removed, and one is added before it.
            client.platform.runs.remove([order[part * 2 + 1].id])
            _ = try await client.record("app", .running, at: time(1000))
        }
        #expect(seen == order.map(\.name.description))
    }

    @Test func `Only a cursor from an answer is accepted`() async throws {
        let id = String(repeating: "a", count: 26)
        for cursor in [
            "", "1", "-", "1-", "-\(id)", "x-\(id)", "+1-\(id)", "01-\(id)", "-1-\(id)", "1-\(id)a",
            "1-\(id.dropLast())",
            "1-\(id.uppercased())", "99999999999999999999-\(id)", "1-\(id)%00",
        ] {
            let answer = try await client.send(.get, "/v1/runs?cursor=\(cursor)")
            try expectProblem(answer, 422, "invalid_fields")
            #expect(try answer.pointers() == ["/cursor"], "\(cursor)")
        }
        #expect(try await client.send(.get, "/v1/runs?cursor=1-\(id)").status == 200)
    }

    @Test(arguments: [
        "none", "app-aaaaaa", "APP-aaaaaa", "..", "%00", "app-aaaaaa%2f..", String(repeating: "a", count: 500),
    ])
    func `A missing run is not found`(_ name: String) async throws {
        try expectProblem(try await client.send(.get, "/v1/runs/\(name)"), 404, "run_not_found")
        try expectProblem(try await client.send(.delete, "/v1/runs/\(name)"), 404, "run_not_found")
        for action in RunAction.allCases {
            let answer = try await client.send(.post, "/v1/runs/\(name)/\(action.rawValue)")
            try expectProblem(answer, 404, "run_not_found")
        }
    }

    @Test(
        arguments: [
            (.start, .failed), (.stop, .lost), (.kill, .exited), (.pause, .exited), (.unpause, .exited),
            (.start, .paused),
            (.restart, .removed), (.restart, .paused),
        ] as [(RunAction, RunState)]
    )
    func `An action that the run's state does not allow is a conflict`(
        _ action: RunAction,
        _ state: RunState
    ) async throws {
        try await client.create("app")
        let run = try await client.record("app", state)
        let answer = try await client.send(.post, "/v1/runs/\(run.name)/\(action.rawValue)", "{}")
        try expectProblem(answer, 409, "run_state_conflict")
        #expect(answer.headers[.retryAfter] == nil)
    }

    @Test func `An action whose result is already reached is no error, even without its host`() async throws {
        try await client.create("app")
        let run = try await client.record("app", .exited)
        let answer = try await client.send(.post, "/v1/runs/\(run.name)/stop")
        #expect(answer.status == 200)
        #expect(try answer.text("state") == "exited")
    }

    @Test(arguments: [
        (#"{"signal":"HUP"}"#, 422, "invalid_fields"), ("{", 400, "malformed_json"), ("[]", 422, "invalid_fields"),
    ])
    func `An action accepts only an empty body`(_ body: String, _ status: Int, _ code: String) async throws {
        try await client.create("app")
        let run = try await client.record("app", .exited)
        try expectProblem(try await client.send(.post, "/v1/runs/\(run.name)/stop", body), status, code)
    }

    @Test func `An action on a locked run is refused`() async throws {
        try await client.create("app")
        let run = try await client.record("app", .running)
        _ = client.platform.runs.lock([run.id])
        for (method, path) in [(HTTPRequest.Method.post, "/stop"), (.delete, "?force=true")] {
            let answer = try await client.send(method, "/v1/runs/\(run.name)\(path)")
            try expectProblem(answer, 409, "run_state_conflict")
            #expect(answer.headers[.retryAfter] == "1")
        }
    }

    @Test func `A running run is removed only by force, and one without a container without its host`() async throws {
        try await client.create("app")
        let running = try await client.record("app", .running)
        try expectProblem(try await client.send(.delete, "/v1/runs/\(running.name)"), 409, "run_state_conflict")
        let lost = try await client.record("app", .lost)
        let removed = try await client.send(.delete, "/v1/runs/\(lost.name)")
        #expect(removed.status == 200)
        #expect(try removed.text("state") == "lost")
        #expect(try await client.send(.get, "/v1/runs/\(lost.name)").body == removed.body)
    }

    @Test(
        arguments: [
            (#"{"count":0}"#, ["/count"]), (#"{"count":101}"#, ["/count"]), (#"{"count":"1"}"#, ["/count"]),
            (#"{"host":"nowhere"}"#, ["/host"]), (#"{"wait":"finished","timeout":0}"#, ["/timeout"]),
            (#"{"timeout":86401}"#, ["/timeout"]),
            (#"{"wait":"start"}"#, ["/wait"]),
            (#"{"image":"x"}"#, ["/image"]),
            (#"{"variables":{"A=":"x"},"command":[1],"count":1.5}"#, ["/count", "/command/0", "/variables/A="]),
            ("[]", [""]),
        ]
    )
    func `An invalid request for runs is refused`(_ body: String, _ pointers: [String]) async throws {
        try await client.create("app")
        // The host is being tried: a request that passed would wait forever for the first attempt.
        try await client.withUnreachableHost {
            let answer = try await client.send(.post, "/v1/apps/app/runs", body)
            try expectProblem(answer, 422, "invalid_fields")
            #expect(try answer.pointers() == pointers)
        }
    }

    @Test func `Too many variables in total are refused before anything is recorded`() async throws {
        let many = { (prefix: String) in
            "{" + (0..<600).map { "\"\(prefix)\($0)\":\"\"" }.joined(separator: ",") + "}"
        }
        _ = try await client.send(
            .post,
            "/v1/apps",
            "{\"name\":\"app\",\"image\":\"nginx\",\"variables\":\(many("A"))}"
        )
        let answer = try await client.send(.post, "/v1/apps/app/runs", "{\"variables\":\(many("B"))}")
        try expectProblem(answer, 422, "invalid_overrides")
        #expect(try await client.platform.store.runs().isEmpty)
    }

    @Test(arguments: ["created", "started"])
    func `Nothing is recorded while the host is unreachable`(_ wait: String) async throws {
        try await client.create("app")
        try await client.withUnreachableHost {
            let answer = try await client.send(.post, "/v1/apps/app/runs", "{\"wait\":\"\(wait)\"}")
            try expectProblem(answer, 503, "host_unreachable")
            #expect(answer.headers[.retryAfter] != nil)
        }
        #expect(try await client.send(.get, "/v1/runs").items().isEmpty)
        try expectProblem(try await client.send(.post, "/v1/apps/none/runs"), 404, "app_not_found")
    }
}
