import BerthAPI
import DockerEngine
import TestSupport
import Testing

/// What others do on a host with `docker` itself: a run stays its container's, by the id, and nobody else's.
@Suite(.serialized) struct ForeignHandsTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test(arguments: Way.allCases)
    func `Renamed, removed and replaced behind its back, the server shows what is true`(way: Way) async throws {
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
            // One that was seen between its kill and its removal had ended, and so is not lost.
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

    /// Somebody else's containers, under names that were the server's.
    private func startForeign(_ label: String, named names: [String]) async throws {
        for name in names {
            try await runDocker(lab, "run", "-d", "--label", label, "--name", name, "busybox", "sleep", "999")
        }
    }

    /// What is asked of a run concerns its own container, and no other that bears its name by now.
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
