import DockerEngine
import Glibc
import JSON
import TestSupport
import Testing

/// Waits and events, on a real engine over SSH.
@Suite(.serialized, .timeLimit(.minutes(5))) struct FollowTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    private func withServer(
        _ stateDirectory: String,
        _ body: @escaping @Sendable (BerthProcess) async throws -> Void
    ) async throws {
        try await BerthProcess.with(
            hosts: ["lab=\(lab.sshEndpoint)"],
            stateDirectory: stateDirectory,
            sshConfig: lab.sshConfig,
            body
        )
    }

    @Test func `A wait is answered with the run's result`() async throws {
        let app = freshName("app")
        try await withDirectory { directory in
            try await withServer(directory) { server in
                let http = server.client
                try await http.define(app, command: ["sh", "-c", "sleep 1; exit 3"])
                let order = try await http.post("/v1/apps/\(app)/runs", ["count": 2, "wait": "finished"])
                #expect(order.status == 201, "\(order.text)")
                #expect(order["items"].elements.map { $0["state"].string } == ["exited", "exited"])
                #expect(order["items"].elements.map { $0["exit_code"].int } == [3, 3])
                #expect(try await http.patch("/v1/apps/\(app)", ["command": ["sleep", "1000"]]).status == 200)
                let run = try await http.run(app)
                let early = try await http.get("/v1/runs/\(run)/wait?timeout=0")
                #expect(early.status == 408)
                async let end = http.get("/v1/runs/\(run)/wait?for=finished&timeout=60")
                #expect(try await http.post("/v1/runs/\(run)/kill").status == 200)
                let ended = try await end
                #expect(ended.status == 200, "\(ended.text)")
                #expect(ended["exit_code"].int == 137)
                #expect(ended["started_at"].string < ended["finished_at"].string)
            }
        }
        try await lab.removeContainers(ofApp: app)
    }

    @Test func `A server that stops ends all waits, event streams and followed logs`() async throws {
        let app = freshName("app")
        try await withDirectory { directory in
            try await withServer(directory) { server in
                let http = server.client
                try await http.define(app)
                let run = try await http.run(app)
                let events = AsyncStream<Void>.makeStream()
                try await withThrowingTaskGroup(of: Int.self) { group in
                    group.addTask { try await http.get("/v1/runs/\(run)/wait?timeout=600").status }
                    group.addTask {
                        // The stream ends by itself, without an error.
                        try await http.follow(after: 0) { _ in
                            events.continuation.yield()
                            return true
                        }
                        return 200
                    }
                    for await _ in events.stream { break }
                    group.addTask {
                        // Its end is no proper one, as the run goes on.
                        do { return try await http.get("/v1/runs/\(run)/logs?follow=true").status } catch { return 499 }
                    }
                    try await eventually("the server has the other request as well as this one") {
                        let text = try await http.get("/metrics").text
                        return text.contains("\nberth_http_requests_in_flight 2")
                            && text.contains("\nberth_log_followers 1")
                    }
                    let begun = ContinuousClock.now
                    server.send(SIGTERM)
                    let statuses = try await group.reduce(into: []) { $0.append($1) }
                    #expect(statuses.sorted() == [200, 499, 503])
                    try await eventually("it has ended") { !server.isRunning }
                    #expect(ContinuousClock.now - begun < .promised(.seconds(10)))
                }
            }
        }
        try await lab.removeContainers(ofApp: app)
    }

    @Test func `A reader of events misses nothing across a crash of the server`() async throws {
        let app = freshName("app")
        try await withDirectory { directory in
            let (run, last) = try await followUntilCrash(app, directory)
            try await withServer(directory) { server in
                let http = server.client
                let events = try await http.events("?app=\(app)", after: last, until: run, is: "exited")
                #expect(events.first?.event == "reset")
                #expect(events.contains { $0.event == "app" && $0.data["name"].string == app })
                #expect(events.compactMap(\.id).allSatisfy { $0 > last })
                // Later events have ids above all ids of the previous process.
                let next = try await http.run(app)
                let ended = try await told("?run=\(next)", "exited", of: next, http) {
                    _ = try await http.post("/v1/runs/\(next)/kill")
                }
                #expect((ended.id ?? 0) > last)
                #expect(ended.data["exit_code"].int == 137)
            }
        }
        try await lab.removeContainers(ofApp: app)
    }

    /// Runs a container, kills the server, then the container.
    ///
    /// - Returns: the run, and the id of the last event that was received.
    private func followUntilCrash(_ app: String, _ directory: String) async throws -> (run: String, last: Int64) {
        let lab = lab
        return try await BerthProcess.with(
            hosts: ["lab=\(lab.sshEndpoint)"],
            stateDirectory: directory,
            sshConfig: lab.sshConfig
        ) { server in
            let http = server.client
            try await http.define(app)
            let run = try await http.run(app)
            let paused = try await told("?run=\(run)", "paused", of: run, http) {
                _ = try await http.post("/v1/runs/\(run)/pause")
            }
            let again = try await told("?app=\(app)", "running", of: run, http) {
                _ = try await http.post("/v1/runs/\(run)/unpause")
            }
            let last = try #require(again.id)
            #expect(last > (paused.id ?? .max))
            server.send(SIGKILL)
            for container in try await lab.containers(ofApp: app) {
                try await runDocker(lab, "kill", container.id.description)
            }
            return (run, last)
        }
    }

    /// The event for the run's new state, which `change` causes.
    private func told(
        _ query: String,
        _ state: String,
        of run: String,
        _ http: HTTP,
        _ change: () async throws -> Void
    ) async throws -> ToldEvent {
        let isOpen = Counter()
        async let events = http.events(query, until: run, is: state, isOpen: isOpen)
        try await eventually("it follows") { isOpen.count > 0 }
        try await change()
        return try #require(try await events.last)
    }
}
