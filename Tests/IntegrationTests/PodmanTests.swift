import DockerEngine
import JSON
import TestSupport
import Testing

/// The main job on podman, through its Docker API.
@Suite(.serialized, .timeLimit(.minutes(5))) struct PodmanTests {
    /// Passes a server whose host is a new podman, and that podman.
    private func withServer(
        _ body: @escaping @Sendable (HTTP, PrivatePodman) async throws -> Void
    ) async throws {
        try await PrivatePodman.with { podman in
            try await BerthProcess.with(hosts: ["pod=unix://\(podman.socket)"]) { server in
                try await server.client.waitForHost("pod", "connected")
                try await body(server.client, podman)
            }
        }
    }

    @Test func `An app is run, stopped, started and deleted, and changes by others are shown`() async throws {
        try await withServer { http, podman in
            try await http.define("app")
            let (first, second) = (try await http.run("app"), try await http.run("app"))
            #expect(try await http.containers() == [first: "R", second: "R"])
            let engine = try await runDocker(socket: podman.socket, ["ps", "--format", "{{.Names}} {{.State}}"])
            #expect(Set(engine.split(separator: "\n")) == ["\(first) running", "\(second) running"])
            try await runDocker(socket: podman.socket, ["kill", first])
            try await eventually("the kill is shown") { try await http.containers()[first] == "F" }
            #expect(try await http.get("/v1/runs/\(first)")["exit_code"].int == 137)
            try await runDocker(socket: podman.socket, ["rm", "-f", second])
            try await eventually("the removal is shown") { try await http.containers()[second] == "F" }
            for (action, state) in [
                ("start", "running"), ("pause", "paused"), ("unpause", "running"),
                ("restart", "running"), ("stop", "exited"),
            ] {
                let answer = try await http.post("/v1/runs/\(first)/\(action)")
                #expect(answer.status == 200, "\(action): \(answer.text)")
                #expect(answer["state"].string == state)
            }
            #expect(try await http.delete("/apps/app?force=true").status == 204)
            #expect(try await runDocker(socket: podman.socket, ["ps", "-aq"]).isEmpty)
        }
    }

    @Test func `The output and the exit code of a run are complete, for a follower as well`() async throws {
        try await withServer { http, _ in
            let script = "echo one; echo two >&2; sleep 1; printf three; sleep 1; echo four; exit 3"
            try await http.define("app", command: ["sh", "-c", .string(script)])
            let name = try await http.run("app")
            async let followed = http.get("/v1/runs/\(name)/logs?follow=true")
            let end = try await http.get("/v1/runs/\(name)/wait?timeout=60")
            #expect(end["exit_code"].int == 3, "\(end.text)")
            let lines = ["one", "threefour", "two"]
            #expect(try await followed.text.split(separator: "\n").sorted() == lines.map { Substring($0) })
            let log = try await http.get("/v1/runs/\(name)/logs").text
            #expect(log.split(separator: "\n").sorted() == lines.map { Substring($0) })
            #expect(try await http.get("/v1/runs/\(name)/logs?stream=stderr").text == "two\n")
        }
    }

    @Test func `A command is executed, and its output and exit code are returned`() async throws {
        try await withServer { http, _ in
            try await http.define("app")
            let path = "/v1/runs/\(try await http.run("app"))/exec"
            let answer = try await http.post(
                path,
                ["command": ["sh", "-c", "cat; echo no >&2; exit 7"], "stdin": "in"]
            )
            let objects = try answer.text.split(separator: "\n").map { try JSONReader.parse(Array($0.utf8)) }
            #expect(objects.filter { $0["stream"].string == "stdout" }.map { $0["data"].string }.joined() == "in")
            #expect(objects.filter { $0["stream"].string == "stderr" }.map { $0["data"].string }.joined() == "no\n")
            #expect(objects.last?["exit_code"].int == 7)
        }
    }

    @Test func `Runs whose podman was cut off have ended when it is back, and can be started again`() async throws {
        try await withServer { http, podman in
            try await http.define("app")
            let name = try await http.run("app")
            podman.cutOff()
            try await http.waitForHost("pod", "unreachable/engine_down")
            try await podman.start()
            try await eventually("the end is shown") { try await http.containers()[name] == "F" }
            let run = try await http.get("/v1/runs/\(name)")
            #expect(run["state"].string == "exited")
            #expect(run["exit_code"] == .null)
            #expect(try await http.post("/v1/runs/\(name)/start")["state"].string == "running")
        }
    }

    @Test func `A name that is taken, a network that exists, and a container that does not run are conflicts`()
        async throws
    {
        try await PrivatePodman.with { podman in
            try await EngineTransport.withUnixSocket(podman.socket) { transport in
                let engine = try await Engine.negotiated(over: transport)
                let spec = ContainerSpec(
                    image: "busybox",
                    command: ["sleep", "9"],
                    environment: [],
                    labels: ["a": "b"]
                )
                let id = try await engine.createContainer(named: "taken", from: spec)
                await expectConflict { _ = try await engine.createContainer(named: "taken", from: spec) }
                await expectConflict { _ = try await engine.createExec(ExecSpec(command: ["ls"]), in: id) }
                try await engine.createNetwork(named: "shop", labels: ["a": "b"])
                await expectConflict { try await engine.createNetwork(named: "shop", labels: ["a": "b"]) }
            }
        }
    }

    private func expectConflict(_ body: () async throws -> Void) async {
        let error = await #expect(throws: EngineError.self) { try await body() }
        #expect(error?.isConflict == true, "\(String(describing: error))")
    }
}
