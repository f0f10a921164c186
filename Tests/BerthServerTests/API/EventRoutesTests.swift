import HTTPTypes
import TestSupport
import Testing

@testable import Berth
@testable import BerthServer

@Suite(.timeLimit(.minutes(5))) struct EventRoutesTests {
    private func open(
        _ query: String = "",
        after id: Int64? = nil,
        port: Int,
        receiveBuffer: Int32? = nil
    ) throws -> RawStream {
        let header = id.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        let head = "GET /v1/events\(query) HTTP/1.1\r\nHost: localhost\r\n\(header)\r\n"
        return try RawStream(head, port: port, receiveBuffer: receiveBuffer)
    }

    private func read(_ stream: RawStream, _ count: Int) async throws -> [ServerSentEvent] {
        let text = try await stream.read { ServerSentEvent.all(in: $0).count >= count }
        return ServerSentEvent.all(in: text)
    }

    private func become(_ state: RunState, _ run: Run, in client: RouterClient) {
        client.platform.runs.update(run.id) { run in
            var run = run
            run.state = state
            return run
        }
    }

    private func opened(_ streams: Int, _ client: RouterClient) async throws {
        try await eventually("all are read") { client.platform.feed.readers == streams }
    }

    @Test func `Changes of runs and apps are sent in order, with growing ids`() async throws {
        let client = try await RouterClient()
        try await client.withServer { port in
            let stream = try open(port: port)
            let head = try await stream.read { $0.contains(": berth\n\n") }
            #expect(head.lowercased().contains("content-type: text/event-stream\r\n"))
            try await client.create("app")
            let run = try await client.record("app", .starting)
            become(.running, run, in: client)
            become(.exited, run, in: client)
            client.platform.runs.remove([run.id])
            _ = try await client.send(.patch, "/v1/apps/app", #"{"image":"busybox"}"#)
            try await client.create("gone")
            _ = try await client.send(.delete, "/v1/apps/gone")
            let events = try await read(stream, 8)
            #expect(
                events.map(\.description) == [
                    "app app", "run \(run.name) starting", "run \(run.name) running", "run \(run.name) exited",
                    "run_deleted \(run.name)", "app app", "app gone", "app_deleted gone",
                ]
            )
            let ids = events.compactMap(\.id)
            #expect(ids.count == 8)
            #expect(ids == ids.sorted() && Set(ids).count == 8)
        }
    }

    @Test func `Additions, changes and removals of hosts are sent`() async throws {
        let client = try await RouterClient()
        try await client.withServer { port in
            let streams = try [open("?host=far", port: port), open(port: port), open("?host=local", port: port)]
            try await opened(3, client)
            _ = try await client.send(.post, "/v1/hosts", #"{"name":"far","endpoint":"ssh://far"}"#)
            let added = try await read(streams[0], 1)
            let shown = try await client.send(.get, "/v1/hosts/far").body
            #expect(added.map { $0.data + "\n" } == [shown])
            _ = try await client.send(.post, "/v1/hosts/far/drain")
            #expect(try await read(streams[0], 2).last?.data.contains(#""drained":true"#) == true)
            _ = try await client.send(.patch, "/v1/hosts/far", #"{"endpoint":"ssh://other"}"#)
            #expect(try await read(streams[0], 3).last?.text("endpoint") == "ssh://other")
            // An event shows the host as it is when the event is sent.
            _ = try await read(streams[1], 3)
            _ = try await client.send(.delete, "/v1/hosts/far")
            _ = try await client.send(.post, "/v1/hosts/local/drain")
            let far = ["host far connecting", "host far connecting", "host far connecting", "host_deleted far"]
            #expect(try await read(streams[0], 4).map(\.description) == far)
            #expect(try await read(streams[1], 5).map(\.description) == far + ["host local connecting"])
            #expect(try await read(streams[2], 1).map(\.description) == ["host local connecting"])
        }
    }

    @Test func `The data of a run's event is the same as the answer at its own address`() async throws {
        let client = try await RouterClient()
        try await client.create("app")
        let run = try await client.record("app", .running)
        try await client.withServer { port in
            let stream = try open(port: port)
            try await opened(1, client)
            become(.exited, run, in: client)
            let event = try await read(stream, 1)
            let answer = try await client.send(.get, "/v1/runs/\(run.name)")
            #expect(event.map { $0.data + "\n" } == [answer.body])
        }
    }

    @Test func `A reader that has received the opening comment gets all later changes`() async throws {
        let client = try await RouterClient()
        try await client.create("app")
        let run = try await client.record("app", .running)
        try await client.withServer { port in
            for round in 0..<100 {
                let stream = try open(port: port)
                _ = try await stream.read { $0.contains(": berth\n") }
                become(round.isMultiple(of: 2) ? .paused : .running, run, in: client)
                try #require(try await read(stream, 1).count == 1, "round \(round)")
            }
        }
    }

    @Test func `A reader that was cut off continues where it stopped`() async throws {
        let client = try await RouterClient()
        try await client.create("app")
        let run = try await client.record("app", .running)
        try await client.withServer { port in
            let last = client.platform.feed.last
            for state in [RunState.paused, .running, .exited] { become(state, run, in: client) }
            let states = try await read(try open(after: last, port: port), 3).map { $0.text("state") }
            #expect(states == ["paused", "running", "exited"])
            let rest = try await read(try open(after: last + 2, port: port), 1)
            #expect(rest.map { $0.text("state") } == ["exited"])
            #expect(rest.first?.id == last + 3)
        }
    }

    @Test(arguments: [0, 5, Int64.max, -1])
    func `A reader that missed forgotten changes starts again with the complete current state`(_ id: Int64) async throws
    {
        let client = try await RouterClient()
        try await client.create("app")
        let run = try await client.record("app", .running)
        try await client.withServer { port in
            let stream = try open(after: id, port: port)
            let state = client.platform.hosts.all[0].status.state
            #expect(state == .connecting)
            let anew = try await read(stream, 4)
            #expect(
                anew.map(\.description) == [
                    "reset", "host local connecting", "app app", "run \(run.name) running",
                ]
            )
            #expect(anew.allSatisfy { $0.id == nil })
            become(.exited, run, in: client)
            let events = try await read(stream, 5)
            #expect(events.last?.description == "run \(run.name) exited")
            #expect(events.last?.id == client.platform.feed.last)
        }
    }

    @Test func `A reader gets only the events that it asked for`() async throws {
        let client = try await RouterClient(hosts: ["local", "other"])
        try await client.create("a")
        try await client.create("b")
        let first = try await client.record("a", .running)
        let second = try await client.record("b", .running, on: "other")
        try await client.withServer { port in
            let queries = ["app=a", "app=b", "host=other", "run=\(first.name)", "app=a&host=other", "app=No%20name"]
            let streams = try queries.map { try open("?\($0)", port: port) }
            try await opened(queries.count, client)
            become(.exited, first, in: client)
            become(.paused, second, in: client)
            _ = try await client.send(.patch, "/v1/apps/a", #"{"image":"busybox"}"#)
            become(.exited, second, in: client)
            client.platform.feed.publish(.host(second.host))
            let wanted = [
                ["run \(first.name) exited", "app a"],
                ["run \(second.name) paused", "run \(second.name) exited"],
                ["run \(second.name) paused", "run \(second.name) exited", "host other connecting"],
                ["run \(first.name) exited"], [], [],
            ]
            for (stream, wanted) in zip(streams, wanted) {
                let told = wanted.isEmpty ? [] : try await read(stream, wanted.count)
                #expect(told.map(\.description) == wanted)
            }
        }
    }

    @Test func `A thousand readers all get each change`() async throws {
        let client = try await RouterClient()
        try await client.create("app")
        let run = try await client.record("app", .running)
        try await client.withServer { port in
            let streams = try (0..<1000).map { _ in try open(port: port) }
            try await opened(1000, client)
            become(.exited, run, in: client)
            try await withThrowingTaskGroup(of: [String].self) { group in
                for stream in streams { group.addTask { try await read(stream, 1).map(\.description) } }
                for try await told in group { #expect(told == ["run \(run.name) exited"]) }
            }
        }
        try await opened(0, client)
    }

    @Test func `A reader that does not read is dropped as lagging, and no other reader waits for it`() async throws {
        let client = try await RouterClient(remembered: 200)
        try await client.create("app")
        let run = try await client.record("app", .running)
        try await client.withServer { port in
            let slow = try open(port: port, receiveBuffer: 4096)
            let quick = try open("?run=\(run.name)", port: port)
            try await opened(2, client)
            // More than the buffers of both sides hold: some 6 MiB.
            let other = try await client.record("app", .running)
            for number in 0..<1_000 {
                client.platform.runs.update(other.id) { run in
                    var run = run
                    run.reason = String(repeating: "r", count: 20_000) + "\(number)"
                    return run
                }
                // At the pace of the quick reader.
                guard number % 50 == 49 else { continue }
                become(number % 100 == 99 ? .running : .paused, run, in: client)
                let told = try await read(quick, (number + 1) / 50)
                #expect(told.last?.text("state") == (number % 100 == 99 ? "running" : "paused"))
            }
            let late = ServerSentEvent.all(in: try await slow.read { _ in false })
            #expect(late.last?.event == "lagged")
            let metrics = try await client.send(.get, "/metrics").body
            #expect(metrics.contains("\nberth_event_streams_lagged_total 1\n"))
            #expect(late.count < 1_000)
            try await opened(1, client)
        }
    }
}
