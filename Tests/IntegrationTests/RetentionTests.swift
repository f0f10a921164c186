import DockerEngine
import JSON
import Testing

/// Finished runs are removed after their time; running ones are not.
@Suite(.serialized) struct RetentionTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `A finished container is removed after its time, its record later, and running ones stay`() async throws
    {
        let lab = lab
        let app = freshName("app")
        try await BerthProcess.with(
            hosts: ["lab=\(lab.sshEndpoint)"],
            sshConfig: lab.sshConfig,
            environment: ["BERTH_KEEP_FINISHED": "4s"]
        ) { server in
            let http = server.client
            try await http.define(app)
            let running = try await http.run(app)
            _ = try await http.patch("/apps/\(app)", ["command": "true"])
            let finished = try await http.run(app)
            // Each state lasts some seconds: one look must show all of it.
            try await eventually("its container was removed") {
                let run = try await http.get("/v1/runs/\(finished)")
                return run["state"] == "removed" && run["exit_code"].int == 0
            }
            let left = try await lab.containers(ofApp: app)
            #expect(left.flatMap { $0.names ?? [] } == ["/" + running])
            try await eventually("its record was removed") { try await http.get("/v1/runs/\(finished)").status == 404 }
            #expect(try await http.containers() == [running: "R"])
        }
        try await lab.removeContainers(ofApp: app)
    }
}
