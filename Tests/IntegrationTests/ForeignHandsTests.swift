import DockerEngine
import FoundationEssentials
import JSON
import TestSupport
import Testing

/// Changes made directly with `docker`: a run keeps its own container, by its id.
@Suite(.serialized) struct ForeignHandsTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test(arguments: Way.allCases)
    func `The server shows the true state after containers were renamed, removed and replaced by hand`(
        way: Way
    ) async throws {
        let lab = lab
        let (app, foreign) = (freshName("app"), freshName("foreign"))
        try await BerthProcess.with(hosts: ["lab=\(way.endpoint(lab))"], sshConfig: lab.sshConfig) { server in
            let http = server.client
            try await http.define(app)
            let names = try await http.run(app, count: 4)
            let truth = try await EngineTruth.ofServer(thatRan: names[0], on: lab.engineSocket)
            let moved = names[0] + "-moved"
            try await runDocker(lab, "rename", names[0], moved)
            try await runDocker(lab, "rm", "-f", names[1])
            try await runDocker(lab, "kill", names[2])
            try await truth.isShown(by: http, renamed: [names[0]: moved])
            try await runDocker(lab, "rm", names[2])
            try await startForeign(foreign, named: [names[0], names[1]])
            // A container that was observed between its kill and its removal had ended, and so its run is not lost.
            let wanted = [names[0]: "running", names[2]: "removed", names[3]: "running"]
            try await eventually(within: .promised(.seconds(5)), "all of it is shown") {
                var states = try await states(http)
                let ended = states.removeValue(forKey: names[1])
                return states == wanted && ["lost", "removed"].contains(ended)
            }
            try await truth.isShown(by: http, renamed: [names[0]: moved])
            try await expectReach(http, of: names, renamed: moved)
        }
        try await lab.removeContainers(ofApp: app)
        for container in try await runDocker(lab, "ps", "-aq", "--filter", "label=\(foreign)").split(separator: "\n") {
            try await runDocker(lab, "rm", "-f", String(container))
        }
    }

    @Test func `A container recreated in place of a run's container belongs to the run, and is removed with its app`()
        async throws
    {
        let lab = lab
        let app = freshName("app")
        try await BerthProcess.with(hosts: ["lab=\(lab.unixEndpoint)"]) { server in
            let http = server.client
            try await http.define(app)
            let name = try await http.run(app)
            let first = try await http.get("/v1/runs/\(name)")
            let labels = try await self.labels(of: name)
            try await runDocker(lab, "rm", "-f", name)
            try await eventually("it is removed") { try await http.get("/v1/runs/\(name)")["state"] == "removed" }
            let again = ["run", "-d", "--name", name] + labels + ["nginx", "sleep", "999"]
            let container = try await runDocker(socket: lab.engineSocket, again)
            try await eventually("the run has the new container") {
                let run = try await http.get("/v1/runs/\(name)")
                return run["state"] == "running" && run["container_id"].string == container && run["image"] == "nginx"
                    && run["image_id"] != first["image_id"] && run["exit_code"] == .null && run["finished_at"] == .null
            }
            #expect(try await http.post("/v1/runs/\(name)/kill")["state"] == "exited")
            // A second container with the same labels belongs to no run.
            let twin = ["run", "-d", "--name", freshName("twin")] + labels + ["busybox", "sleep", "999"]
            try await runDocker(socket: lab.engineSocket, twin)
            #expect(try await http.delete("/apps/\(app)").status == 409)
            #expect(try await http.delete("/apps/\(app)?force=true").status == 204)
            #expect(try await lab.containers(ofApp: app).isEmpty)
        }
    }

    @Test func `Changes of a container's ports and restarts by hand are shown`() async throws {
        let lab = lab
        let app = freshName("app")
        try await BerthProcess.with(hosts: ["lab=\(lab.unixEndpoint)"]) { server in
            let http = server.client
            let definition: JSONValue = [
                "name": .string(app), "image": "busybox", "command": sleeping, "ports": ["80"], "restart": "always",
            ]
            #expect(try await http.post("/v1/apps", definition).status == 201)
            let started = try await http.post("/v1/apps/\(app)/runs")["items"].elements
            let name = try #require(started.first)["name"].string
            #expect(started.first?["ports"].elements.isEmpty == false)
            try await runDocker(lab, "network", "disconnect", "bridge", name)
            try await eventually(within: .promised(.seconds(2)), "its ports are gone") {
                try await http.get("/v1/runs/\(name)")["ports"].elements.isEmpty
            }
            try await runDocker(lab, "network", "connect", "bridge", name)
            try await eventually(within: .promised(.seconds(2)), "it has ports again") {
                try await !http.get("/v1/runs/\(name)")["ports"].elements.isEmpty
            }
            try await runDocker(lab, "rm", "-f", name)
            try await eventually(within: .promised(.seconds(2)), "it is removed, and not lost") {
                let run = try await http.get("/v1/runs/\(name)")
                return run["state"] == "removed" && run["exit_code"].int == 137
            }
        }
        try await lab.removeContainers(ofApp: app)
    }

    @Test func `A run whose container cannot be restarted says why`() async throws {
        let lab = lab
        let app = freshName("app")
        try await BerthProcess.with(hosts: ["lab=\(lab.unixEndpoint)"]) { server in
            let http = server.client
            let holder = freshName("holder")
            try await runDocker(lab, "run", "-d", "--name", holder, "-p", "127.0.0.1::80", "busybox", "sleep", "999")
            let port =
                try await runDocker(lab, "port", holder, "80/tcp").split(separator: ":").last.map(String.init) ?? ""
            try await runDocker(lab, "rm", "-f", holder)
            let definition: JSONValue = [
                "name": .string(app), "image": "busybox", "command": sleeping, "ports": [.string("\(port):80")],
            ]
            #expect(try await http.post("/v1/apps", definition).status == 201)
            let name = try await http.run(app)
            #expect(try await http.post("/v1/runs/\(name)/stop")["state"] == "exited")
            try await runDocker(lab, "run", "-d", "--name", holder, "-p", "\(port):80", "busybox", "sleep", "999")
            _ = try? await runDocker(lab, "start", name)
            try await eventually(within: .promised(.seconds(2)), "the engine's reason is shown") {
                let run = try await http.get("/v1/runs/\(name)")
                return run["state"] == "exited" && run["exit_code"].int == 128 && run["reason"].string.contains(port)
            }
            try await runDocker(lab, "rm", "-f", holder)
        }
        try await lab.removeContainers(ofApp: app)
    }

    private func labels(of container: String) async throws -> [String] {
        let json = try await runDocker(lab, "inspect", "--format", "{{json .Config.Labels}}", container)
        return try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
            .flatMap { ["--label", "\($0)=\($1)"] }
    }

    /// Containers of another user, under names that were the server's.
    private func startForeign(_ label: String, named names: [String]) async throws {
        for name in names {
            try await runDocker(lab, "run", "-d", "--label", label, "--name", name, "busybox", "sleep", "999")
        }
    }

    /// Requests for a run act on its own container, and not on another one that has its name by now.
    private func expectReach(_ http: HTTP, of names: [String], renamed moved: String) async throws {
        #expect(try await http.post("/v1/runs/\(names[0])/stop")["state"] == "exited")
        #expect(try await http.post("/v1/runs/\(names[1])/stop").status == 409)
        #expect(try await http.delete("/v1/runs/\(names[1])?force=true").status == 200)
        let running = try await runDocker(lab, "ps", "--format", "{{.Names}}").split(separator: "\n").map(String.init)
        #expect(running.contains(names[0]) && running.contains(names[1]))
        #expect(!running.contains(moved))
    }

    private func states(_ http: HTTP) async throws -> [String: String] {
        let runs = try await http.allRuns(on: "lab")
        return Dictionary(uniqueKeysWithValues: runs.map { ($0["name"].string, $0["state"].string) })
    }
}
