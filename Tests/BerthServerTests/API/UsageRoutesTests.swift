import FakeEngine
import HTTPTypes
import TestSupport
import Testing

@testable import Berth
@testable import BerthServer

@Suite(.timeLimit(.minutes(5))) struct UsageRoutesTests {
    @Test func `The usage of a run is one object`() async throws {
        try await withFakeEngine { client, _ in
            try await client.create("app")
            let run = try await client.send(.post, "/v1/apps/app/runs").texts("name")[0] ?? ""
            let answer = try await client.send(.get, "/v1/runs/\(run)/stats")
            #expect(answer.status == 200)
            #expect(
                answer.body == #"{"time":"2026-01-01T00:00:00.000Z","cpu_percent":2.0,"memory_bytes":917504,"#
                    + #""memory_limit_bytes":25276514304,"network":{"received_bytes":200,"sent_bytes":0},"#
                    + #""block":{"read_bytes":0,"written_bytes":0},"pids":1}"# + "\n"
            )
        }
    }

    @Test func `A followed usage ends with the run`() async throws {
        try await withFakeEngine { client, engine in
            try await client.create("app")
            let run = try await client.send(.post, "/v1/apps/app/runs").texts("name")[0] ?? ""
            try await client.withServer { port in
                let request = "GET /v1/runs/\(run)/stats?follow=true HTTP/1.1\r\nHost: localhost\r\n\r\n"
                let stream = try RawStream(request, port: port)
                let first = try await stream.read { $0.contains("cpu_percent") }
                #expect(first.lowercased().contains("content-type: application/x-ndjson\r\n"))
                try await engine.end(run, exitCode: 0)
                try await eventually("the run has ended") {
                    client.platform.runs.all().allSatisfy { $0.state == .exited }
                }
                // The engine ends its stream when the container is removed; a real one sends empty samples until then.
                try await engine.remove(run)
                let all = try await stream.read { $0.hasSuffix("0\r\n\r\n") }
                #expect(all.hasSuffix("0\r\n\r\n"))
                // The first sample of the engine has no use of processors, and the last one is empty.
                #expect(all.ranges(of: "cpu_percent").count == 1)
                #expect(all.contains(#""cpu_percent":2.0"#))
            }
        }
    }

    @Test func `A client that leaves frees its stream of the engine`() async throws {
        try await withFakeEngine { client, _ in
            try await client.create("app")
            let run = try await client.send(.post, "/v1/apps/app/runs").texts("name")[0] ?? ""
            let host = client.platform.hosts.all[0]
            let before = host.connectionsInUse.streams
            try await client.withServer { port in
                let request = "GET /v1/runs/\(run)/stats?follow=true HTTP/1.1\r\nHost: localhost\r\n\r\n"
                var stream: RawStream? = try RawStream(request, port: port)
                _ = try await stream?.read { $0.contains("cpu_percent") }
                #expect(host.connectionsInUse.streams == before + 1)
                stream = nil
                try await eventually("the stream is closed") { host.connectionsInUse.streams == before }
            }
        }
    }

    @Test func `A run that does not run has no usage`() async throws {
        try await withFakeEngine { client, _ in
            try await client.create("app")
            let run = try await client.send(.post, "/v1/apps/app/runs").texts("name")[0] ?? ""
            #expect(try await client.send(.post, "/v1/runs/\(run)/stop").status == 200)
            for query in ["", "?follow=true"] {
                let answer = try await client.send(.get, "/v1/runs/\(run)/stats\(query)")
                try expectProblem(answer, 409, "run_state_conflict")
            }
            try expectProblem(try await client.send(.get, "/v1/runs/app-aaaaaa/stats"), 404, "run_not_found")
            let answer = try await client.send(.get, "/v1/runs/\(run)/stats?follow=maybe")
            try expectProblem(answer, 422, "invalid_fields")
        }
    }

    @Test func `The usage of a run on a host that is away is an error before the response`() async throws {
        let client = try await RouterClient()
        try await client.withUnreachableHost {
            try await client.create("app")
            let run = try await client.record("app", .running)
            for query in ["", "?follow=true"] {
                let answer = try await client.send(.get, "/v1/runs/\(run.name)/stats\(query)")
                try expectProblem(answer, 503, "host_unreachable")
            }
        }
    }
}
