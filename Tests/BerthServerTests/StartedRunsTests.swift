import FakeEngine
import HTTPTypes
import JSON
import TestSupport
import Testing

@testable import Berth
@testable import BerthServer
@testable import SQL

/// Starts runs through the routes on an engine that answers.
@Suite(.timeLimit(.minutes(5))) struct StartedRunsTests {
    @Test func `The answer to one run has its location, and the answer to many has none`() async throws {
        try await withFakeEngine { client, _ in
            try await client.create("app")
            let one = try await client.send(.post, "/v1/apps/app/runs")
            #expect(one.status == 201, "\(one.body)")
            let name = try #require(try one.texts("name").first ?? nil)
            #expect(one.headers[.location] == "/v1/runs/\(name)")
            #expect(try one.texts("state") == ["running"])
            #expect(try one.json()["errors"] == nil)
            let many = try await client.send(.post, "/v1/apps/app/runs", #"{"count":20,"command":"sleep 5"}"#)
            #expect(many.status == 201)
            #expect(many.headers[.location] == nil)
            #expect(try Set(many.texts("name")).count == 20)
            #expect(try many.items().allSatisfy { $0["command"] == ["sleep", "5"] })
            #expect(try await client.send(.get, "/v1/runs?status=R").items().count == 21)
        }
    }

    @Test func `A container that was started without its network is reported with advice`() async throws {
        try await withFakeEngine { client, _ in
            let definition = #"{"name":"app","image":"nginx","ports":["80"]}"#
            #expect(try await client.send(.post, "/v1/apps", definition).status == 201)
            let name = try #require(try await client.send(.post, "/v1/apps/app/runs").texts("name").first ?? nil)
            #expect(try await client.send(.post, "/v1/runs/\(name)/stop").status == 200)
            let answer = try await client.send(.post, "/v1/runs/\(name)/start")
            try expectProblem(answer, 502, "engine_error")
            #expect(answer.body.contains("DELETE /v1/runs/\(name)?force=true"))
        }
    }

    @Test func `An engine that gives up restarting a container is noticed without an event`() async throws {
        try await withFakeEngine { client, engine in
            try await client.create("app")
            let name = try #require(try await client.send(.post, "/v1/apps/app/runs").texts("name").first ?? nil)
            let run = try #require(client.platform.runs.entry(named: RunName(recorded: name))?.run.id)
            // Twice: the reconciliation after the start may find it the first time. And sooner than a full comparison
            // would.
            let start = ContinuousClock.now
            for _ in 0..<2 {
                try await engine.putAll(into: "restarting")
                client.platform.hosts.all[0].reconcileQueue.add(run)
                try await eventually("it is about to be started again") {
                    try await client.send(.get, "/v1/runs/\(name)").body.contains(#""state":"restarting""#)
                }
                try await engine.putAll(into: "exited")
                try await eventually("it has ended") {
                    try await client.send(.get, "/v1/runs/\(name)").body.contains(#""state":"exited""#)
                }
            }
            #expect(ContinuousClock.now - start < .seconds(25))
        }
    }

    @Test func `A partial failure names the refused runs, and a complete one is a problem`() async throws {
        try await withFakeEngine(FakeEngineBehavior(refusing: { $0.isMultiple(of: 2) })) { client, _ in
            try await client.create("app")
            let answer = try await client.send(.post, "/v1/apps/app/runs", #"{"count":4}"#)
            #expect(answer.status == 201)
            let failed = try answer.texts("state").enumerated().filter { $0.element == "failed" }.map(\.offset)
            #expect(failed.count == 2)
            guard case .array(let errors) = try answer.json()["errors"] else {
                Issue.record("no errors in \(answer.body)")
                return
            }
            #expect(errors.count == 2)
            for (error, item) in zip(errors, failed) {
                guard case .object(let error) = error else { continue }
                #expect(error["item"] == JSONValue(item))
                #expect(error["code"] == "engine_error")
            }
        }
        try await withFakeEngine(FakeEngineBehavior(refusing: { _ in true })) { client, _ in
            try await client.create("app")
            for path in ["/v1/apps/app/runs", "/apps/run/app"] {
                try expectProblem(try await client.send(.post, path), 502, "engine_error")
            }
            #expect(try await client.send(.get, "/v1/runs?state=failed").items().count == 2)
        }
    }

    @Test func `A queued run is answered at once and started by the server`() async throws {
        try await withFakeEngine { client, _ in
            try await client.create("app")
            let answer = try await client.send(.post, "/v1/apps/app/runs", #"{"wait":"created"}"#)
            #expect(answer.status == 202)
            let name = try #require(try answer.texts("name").first ?? nil)
            #expect(answer.headers[.location] == "/v1/runs/\(name)")
            let service = QueuedRuns(runner: client.platform.runner)
            try await withTask {
                try await service.run()
            } during: {
                try await eventually("it is started") {
                    try await client.send(.get, "/v1/runs/\(name)").text("state") == "running"
                }
            }
        }
    }

    @Test func `Actions answer with the run's new state`() async throws {
        try await withFakeEngine { client, _ in
            try await client.create("app")
            let started = try await client.send(.post, "/v1/apps/app/runs")
            let name = try #require(try started.texts("name").first ?? nil)
            for (action, state) in [
                ("pause", "paused"), ("unpause", "running"), ("restart", "running"), ("stop", "exited"),
                ("start", "running"),
                ("kill", "exited"),
            ] {
                let answer = try await client.send(.post, "/v1/runs/\(name)/\(action)")
                #expect(answer.status == 200)
                #expect(try answer.text("state") == state, "\(action)")
                #expect(try answer.json()["stale"] == false)
                #expect(try answer.text("observed_at") != nil)
            }
            let removed = try await client.send(.delete, "/v1/runs/\(name)")
            #expect(try removed.text("state") == "removed")
            #expect(try await client.send(.get, "/v1/runs/\(name)").text("state") == "removed")
        }
    }

    @Test(arguments: ["/apps/run/app", "/v1/apps/app/runs"])
    func `A hundred requests under one key make one container`(_ path: String) async throws {
        try await withFakeEngine(FakeEngineBehavior(actionDelay: .milliseconds(50))) { client, engine in
            try await client.create("app")
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<100 {
                    group.addTask { try await client.send(.post, path, headers: [.idempotencyKey: "once"]) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let first = try #require(answers.first { $0.status == 201 })
            for answer in answers where answer.status == 201 { #expect(answer.bytes == first.bytes) }
            for answer in answers where answer.status != 201 {
                try expectProblem(answer, 409, "idempotency_in_progress")
            }
            let again = try await client.send(.post, path, headers: [.idempotencyKey: "once"])
            #expect(again.bytes == first.bytes)
            #expect(again.headers[.idempotencyReplayed] == "true")
            #expect(try await engine.creations == 1)
        }
    }

    @Test func `A repeated request whose first answer was lost starts nothing again`() async throws {
        try await withFakeEngine { client, engine in
            try await client.create("app")
            let send = {
                try await client.send(.post, "/v1/apps/app/runs", #"{"count":3}"#, headers: [.idempotencyKey: "k"])
            }
            let first = try await send()
            try await client.platform.store.database.write { connection in
                try connection.run("UPDATE idempotency_keys SET answer = NULL", [])
            }
            let again = try await send()
            #expect(again.status == 201)
            #expect(again.headers[.idempotencyReplayed] == nil)
            #expect(try again.texts("name") == first.texts("name"))
            #expect(try await engine.creations == 3)
        }
    }
}
