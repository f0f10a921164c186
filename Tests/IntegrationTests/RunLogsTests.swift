import AsyncHTTPClient
import JSON
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

/// The output of runs, on a real engine over SSH.
@Suite(.serialized, .timeLimit(.minutes(5))) struct RunLogsTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    private func withServer(_ app: String, _ body: @escaping @Sendable (HTTP) async throws -> Void) async throws {
        try await BerthProcess.with(hosts: ["lab=\(lab.sshEndpoint)"], sshConfig: lab.sshConfig) { server in
            try await server.client.waitForHost("lab", "connected")
            try await body(server.client)
        }
        try await lab.removeContainers(ofApp: app)
    }

    /// Defines an app with a shell script, and runs it.
    private func run(_ http: HTTP, _ app: String, _ script: String, wait: String = "started") async throws -> String {
        try await http.define(app, command: ["sh", "-c", .string(script)])
        let answer = try await http.post("/v1/apps/\(app)/runs", ["wait": .string(wait)])
        guard answer.status == 201 else { throw LabError("no run: \(answer.status) \(answer.text)") }
        return answer["items"].elements.first?["name"].string ?? ""
    }

    @Test func `The log of a finished run is text, as its container wrote it`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            let script = "echo one; echo two >&2; printf 'three'"
            let name = try await self.run(http, app, script, wait: "finished")
            let answer = try await http.get("/v1/runs/\(name)/logs")
            #expect(answer.status == 200)
            #expect(answer.header("content-type") == "text/plain; charset=utf-8")
            #expect(answer.text.split(separator: "\n").sorted() == ["one", "three", "two"])
            #expect(try await http.get("/v1/runs/\(name)/logs?stream=stderr").text == "two\n")
            #expect(try await http.get("/v1/runs/\(name)/logs?stream=stdout&tail=1").text.hasPrefix("three"))
            let times = try await http.get("/v1/runs/\(name)/logs?stream=stderr&timestamps=true").text
            #expect(times.wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z two\n/#) != nil, "\(times)")
            let time = String(times.prefix(30))
            #expect(try await http.get("/v1/runs/\(name)/logs?stream=stderr&since=\(time)").text == "two\n")
            #expect(try await http.get("/v1/runs/\(name)/logs?stream=stderr&until=\(time)").text == "two\n")
            #expect(try await http.get("/v1/runs/\(name)/logs?since=2100-01-01T00:00:00Z").text == "")
            #expect(try await http.get("/v1/runs/\(name)/logs?tail=-1").status == 422)
            #expect(try await http.get("/v1/runs/\(name)/logs?since=now").status == 422)
            #expect(try await http.get("/v1/runs/\(app)-aaaaaa/logs").status == 404)
        }
    }

    @Test func `A follower gets the output from the start to the end of the run, each line once`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            let script = "i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); [ $((i%50)) = 0 ] && sleep 0.2; done"
            let name = try await self.run(http, app, script)
            let expected = (0..<300).map { "line \($0)" }
            try await withThrowingTaskGroup(of: [String].self) { group in
                for delay in [0, 300, 600] {
                    group.addTask {
                        try await Task.sleep(for: .milliseconds(delay))
                        let records = try await http.records("/v1/runs/\(name)/logs?follow=true")
                        return records.map { $0["message"].string }
                    }
                }
                for try await messages in group { #expect(messages == expected) }
            }
        }
    }

    @Test func `Bytes that are no text, and a huge line, arrive as the engine has kept them`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            let script = #"printf '\033[31m\377\000\n'; head -c 200000 /dev/zero | tr '\0' x; echo"#
            let name = try await self.run(http, app, script, wait: "finished")
            #expect(try await http.get("/v1/runs/\(name)/logs").text == runDocker(self.lab, "logs", name) + "\n")
            let records = try await http.records("/v1/runs/\(name)/logs")
            #expect(records.first?["message"].string.hasPrefix("\u{1B}[31m") == true)
            let parts = records.dropFirst()
            #expect(parts.map { $0["message"].string }.joined() == String(repeating: "x", count: 200_000))
            #expect(parts.dropLast().allSatisfy { $0["partial"] == true })
            #expect(parts.last?["partial"] == .null)
        }
    }

    @Test func `A client that was cut off resumes after the last event that it received`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            let script = "for i in 1 2 3 4 5 6; do echo $i; sleep 0.3; done"
            let name = try await self.run(http, app, script)
            let first = try await http.logEvents("/v1/runs/\(name)/logs?follow=true", count: 2)
            #expect(first.map(\.message) == ["1", "2"])
            let rest = try await http.logEvents("/v1/runs/\(name)/logs?follow=true", after: first.last?.id)
            #expect(rest.map(\.message) == ["3", "4", "5", "6"])
            try await eventually("it has finished") { try await http.get("/v1/runs/\(name)")["status"].string == "F" }
            #expect(try await http.resume("/v1/runs/\(name)/logs?follow=true", after: rest.last?.id) == 204)
            #expect(try await http.resume("/v1/runs/\(name)/logs?follow=true", after: first.last?.id) == 200)
        }
    }

    @Test func `A follower of a run that is restarted gets a notice and the new output`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            try await http.define(
                app,
                command: ["sh", "-c", "echo started; sleep 1; [ -f /x ] && exit 0; touch /x; exit 1"]
            )
            #expect(try await http.patch("/v1/apps/\(app)", ["restart": "on-failure:3"]).status == 200)
            let name = try await http.run(app)
            let records = try await http.records("/v1/runs/\(name)/logs?follow=true")
            #expect(records.map { $0["message"].string + $0["event"].string } == ["started", "restarted", "started"])
        }
    }

    @Test func `Many followers of one run share one stream of its engine`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            let name = try await self.run(http, app, "trap 'echo done; exit 0' TERM; sleep 1000 & wait")
            try await withThrowingTaskGroup(of: [JSONValue].self) { group in
                for _ in 0..<50 {
                    group.addTask { try await http.records("/v1/runs/\(name)/logs?follow=true") }
                }
                try await eventually("one stream is open, beside two of the events") {
                    let metrics = try await http.get("/metrics").text
                    return metrics.contains(#"berth_host_connections_in_use{host="lab",use="stream"} 3.0"#)
                        && metrics.contains("berth_log_followers 50.0")
                }
                #expect(try await http.post("/v1/runs/\(name)/stop").status == 200)
                for try await records in group { #expect(records.map { $0["message"].string } == ["done"]) }
            }
        }
    }

    @Test(arguments: ["&tail=10", "", "&tail=0"])
    func `A follower that joins a container that writes fast gets each line once, in order`(tail: String) async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            let script = "i=0; while [ $i -lt 10000 ]; do echo $i; i=$((i+1)); [ $((i%250)) = 0 ] && sleep 0.2; done"
            let name = try await self.run(http, app, script)
            try await withThrowingTaskGroup(of: [JSONValue].self) { group in
                for delay in [200, 700, 1200] {
                    group.addTask {
                        try await Task.sleep(for: .milliseconds(delay))
                        return try await http.records("/v1/runs/\(name)/logs?follow=true\(tail)")
                    }
                }
                for try await records in group {
                    let numbers = records.compactMap { Int($0["message"].string) }
                    #expect(numbers.last == 9_999)
                    #expect(numbers.count > 1000)
                    let isWhole = zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 + 1 }
                    #expect(isWhole || records.contains { $0["event"].string == "lagged" })
                    #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
                }
            }
        }
    }

    @Test func `A run's output outlives its removal by the server`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            let name = try await self.run(http, app, "echo hello; sleep 1000")
            try await eventually("it has written") { try await http.get("/v1/runs/\(name)/logs").text == "hello\n" }
            #expect(try await http.delete("/v1/runs/\(name)?force=true").status == 200)
            #expect(try await http.get("/v1/runs/\(name)/logs").text == "hello\n")
        }
    }

    @Test func `The output of an app has that of all its runs, also of one that starts later and of one that is gone`()
        async throws
    {
        let app = freshName("app")
        try await withServer(app) { http in
            let script = "echo one; sleep 1; echo two; sleep 1000"
            let names = [try await self.run(http, app, script), try await http.run(app)]
            try await eventually("both have written") {
                try await http.get("/v1/apps/\(app)/logs").text.split(separator: "\n").count == 4
            }
            async let followed = http.records("/v1/apps/\(app)/logs?follow=true")
            try await eventually("both are followed") {
                try await http.get("/metrics").text.contains("berth_logs_followed 2.0")
            }
            let third = try await http.run(app)
            try await eventually("the third one has written") {
                try await http.get("/v1/runs/\(third)/logs").text == "one\ntwo\n"
            }
            try await runDocker(self.lab, "rm", "-f", names[0])
            try await eventually("it is gone") {
                try await http.get("/v1/runs/\(names[0])")["status"].string == "F"
            }
            let last = try await http.get("/v1/apps/\(app)/logs?tail=2").text
            #expect(last == "\(third) one\n\(third) two\n")
            #expect(try await http.delete("/v1/apps/\(app)?force=true").status == 204)
            let records = try await followed
            for name in names + [third] {
                let own = records.filter { $0["run"].string == name }.map { $0["message"].string }
                #expect(own == ["one", "two"])
            }
            let times = records.prefix(4).map { $0["time"].string }
            #expect(times == times.sorted())
        }
    }

    @Test func `New output alone is followed with tail=0`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            let name = try await self.run(http, app, "echo old; sleep 2; echo new")
            try await eventually("the old line is there") {
                try await http.get("/v1/runs/\(name)/logs").text == "old\n"
            }
            let records = try await http.records("/v1/runs/\(name)/logs?follow=true&tail=0")
            #expect(records.map { $0["message"].string } == ["new"])
        }
    }

    /// Waits until the server has kept the output of its only finished run.
    private func waitForKeptLog(in directory: String) async throws {
        try await eventually("its output is kept") {
            try await runSQLite("\(directory)/berth.db", "SELECT count(*) FROM run_logs") == "1"
        }
    }

    @Test func `The output of a finished run outlives its container`() async throws {
        let app = freshName("app")
        try await BerthProcess.with(hosts: ["lab=\(lab.sshEndpoint)"], sshConfig: lab.sshConfig) { server in
            let http = server.client
            try await http.waitForHost("lab", "connected")
            let name = try await self.run(http, app, "echo one; echo two >&2; exit 1", wait: "finished")
            let before = try await http.records("/v1/runs/\(name)/logs")
            #expect(before.map { $0["message"].string }.sorted() == ["one", "two"])
            try await self.waitForKeptLog(in: server.stateDirectory)
            try await runDocker(self.lab, "rm", name)
            try await eventually("the container is gone") {
                try await http.get("/v1/runs/\(name)")["state"].string == "removed"
            }
            #expect(try await http.records("/v1/runs/\(name)/logs") == before)
            #expect(try await http.get("/v1/runs/\(name)/logs?stream=stderr").text == "two\n")
            #expect(try await http.records("/v1/runs/\(name)/logs?follow=true&tail=1").count == 1)
        }
        try await lab.removeContainers(ofApp: app)
    }

    @Test func `Of a container that was removed while it ran, what a follower had seen is kept`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            let name = try await self.run(http, app, "echo first; sleep 1; echo second; sleep 1000")
            async let followed = http.records("/v1/runs/\(name)/logs?follow=true")
            try await eventually("the second line is there") {
                try await http.get("/v1/runs/\(name)/logs").text == "first\nsecond\n"
            }
            try await runDocker(self.lab, "rm", "-f", name)
            #expect(try await followed.map { $0["message"].string } == ["first", "second"])
            try await eventually("its output is kept") {
                let kept = try await http.records("/v1/runs/\(name)/logs")
                return kept.map { $0["message"].string + $0["event"].string }.contains("second")
            }
        }
    }

    @Test func `Of a host that cannot be reached, the output of finished runs is there, and that of others an error`()
        async throws
    {
        let app = freshName("app")
        try await withDirectory { directory in
            let names = Mutex(("", ""))
            try await BerthProcess.with(
                hosts: ["lab=\(lab.sshEndpoint)"],
                stateDirectory: directory,
                sshConfig: lab.sshConfig
            ) { server in
                try await server.client.waitForHost("lab", "connected")
                let finished = try await self.run(server.client, app, "echo hello", wait: "finished")
                #expect(try await server.client.patch("/v1/apps/\(app)", ["command": sleeping]).status == 200)
                let running = try await server.client.run(app)
                names.withLock { $0 = (finished, running) }
                try await self.waitForKeptLog(in: directory)
            }
            try await BerthProcess.with(hosts: ["lab=unix:///nonexistent/d.sock"], stateDirectory: directory) {
                server in
                let (finished, running) = names.withLock { $0 }
                #expect(try await server.client.get("/v1/runs/\(finished)/logs").text == "hello\n")
                let log = try await server.client.get("/v1/runs/\(running)/logs")
                #expect(log.status == 503)
                #expect(log["code"].string == "host_unreachable")
            }
        }
        try await lab.removeContainers(ofApp: app)
    }
}

private struct LogEvent {
    var id = ""
    var message = ""
}

extension HTTP {
    /// The objects of a log in NDJSON.
    fileprivate func records(_ path: String) async throws -> [JSONValue] {
        var request = HTTPClientRequest(url: url + path)
        request.headers.add(name: "accept", value: "application/x-ndjson")
        let response = try await client.execute(request, timeout: .seconds(120))
        guard response.status == .ok else { throw LabError("\(path): \(response.status)") }
        let body = try await response.body.collect(upTo: 64 << 20)
        return try body.readableBytesView.split(separator: UInt8(ascii: "\n")).map { try JSONReader.parse($0) }
    }

    /// The status of the response to a client that resumes.
    fileprivate func resume(_ path: String, after id: String?) async throws -> Int {
        var request = HTTPClientRequest(url: url + path)
        request.headers.add(name: "accept", value: "text/event-stream")
        request.headers.add(name: "last-event-id", value: id ?? "")
        return try await Int(client.execute(request, timeout: .seconds(120)).status.code)
    }

    /// The events of a log, all or the first ones.
    fileprivate func logEvents(_ path: String, after id: String? = nil, count: Int = .max) async throws -> [LogEvent] {
        var request = HTTPClientRequest(url: url + path)
        request.headers.add(name: "accept", value: "text/event-stream")
        if let id { request.headers.add(name: "last-event-id", value: id) }
        let response = try await client.execute(request, timeout: .seconds(120))
        var events: [LogEvent] = []
        var open = LogEvent()
        var rest = ""
        for try await chunk in response.body {
            rest += String(buffer: chunk)
            while let end = rest.firstIndex(of: "\n") {
                let line = rest[..<end]
                rest = String(rest[rest.index(after: end)...])
                if line.hasPrefix("id: ") { open.id = String(line.dropFirst(4)) }
                if line.hasPrefix("data: ") {
                    open.message = try JSONReader.parse(Array(line.utf8.dropFirst(6)))["message"].string
                }
                guard line.isEmpty, !open.id.isEmpty else { continue }
                events.append(open)
                open = LogEvent()
                if events.count == count { return events }
            }
        }
        return events
    }
}
