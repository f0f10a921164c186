import DockerEngine
import FoundationEssentials
import JSON
import Testing

/// Lost records of this server's containers are restored from their labels; other containers are not touched.
@Suite(.serialized) struct AdoptionTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `A lost database is rebuilt from running containers, and other containers are left alone`()
        async throws
    {
        let lab = lab
        let (app, look) = (freshName("app"), freshName("app"))
        try await withDirectory { state in
            let names = try await withServer(state) { http in
                try await http.define(app)
                let first = try await http.run(app)
                _ = try await http.patch("/apps/\(app)", ["variables": ["A": "1"]])
                return [first, try await http.run(app)]
            }
            let instance = try await inspect(names[0]).config.labels?["berth.instance"] ?? ""
            #expect(!instance.isEmpty)
            let strangers = try await self.strangers(look, instance: instance)
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: state + "/berth.db" + suffix)
            }
            try await withServer(state) { http in
                #expect(try await http.containers() == [names[0]: "R", names[1]: "R"])
                let adopted = try await http.get("/v1/apps/\(app)")
                #expect(adopted["release"].int == 2)
                #expect(adopted["variables"] == ["A": "1"])
                #expect(adopted["image"] == "busybox")
                #expect(adopted["pids_limit"] == .null)
                let releases = try await http.get("/v1/apps/\(app)/releases")["items"].elements
                #expect(releases.map { $0["origin"].string } == ["adopted", "adopted"])
                #expect(try await http.get("/v1/hosts/lab")["runs"]["running"].int == 2)
                #expect(try await http.post("/v1/runs/\(names[0])/stop")["state"] == "exited")
                #expect(try await http.delete("/apps/\(app)?force=true").status == 204)
            }
            #expect(try await lab.containers(ofApp: app).isEmpty)
            for stranger in strangers { #expect(try await inspect(stranger).state.status == "running") }
            for stranger in strangers { try await runDocker(lab, "rm", "-f", stranger) }
        }
    }

    /// Containers that look like the server's but are not.
    private func strangers(_ app: String, instance: String) async throws -> [String] {
        let look: [[String]] = [
            [], ["berth.app=\(app)"], ["berth.instance=\(instance)"],
            [
                "berth.instance=other", "berth.app=\(app)", "berth.release=1",
                "berth.run=\(String(repeating: "a", count: 26))",
            ],
            ["berth.instance=\(instance)", "berth.app=\(app)", "berth.release=1", "berth.run=short"],
            [
                "berth.instance=\(instance)", "berth.app=No App", "berth.release=1",
                "berth.run=\(String(repeating: "b", count: 26))",
            ],
        ]
        var names: [String] = []
        for labels in look {
            let name =
                "\(app)-" + String("abcdefg".randomElement() ?? "a") + String(repeating: "2", count: 4)
                + "\(names.count + 2)"
            let options = labels.flatMap { ["--label", $0] }
            try await runDocker(
                socket: lab.engineSocket,
                ["run", "-d", "--name", name] + options + ["busybox", "sleep", "999"]
            )
            names.append(name)
        }
        return names
    }

    private func withServer<Result: Sendable>(
        _ state: String,
        _ body: @escaping @Sendable (HTTP) async throws -> Result
    ) async throws -> Result {
        try await BerthProcess.with(
            hosts: ["lab=\(lab.sshEndpoint)"],
            stateDirectory: state,
            sshConfig: lab.sshConfig
        ) { server in
            try await server.client.waitForHost("lab", "connected")
            return try await body(server.client)
        }
    }

    private func inspect(_ name: String) async throws -> ContainerDetails {
        let id = try await runDocker(lab, "inspect", "--format", "{{.Id}}", name)
        guard let id = ContainerID(id) else { throw LabError("\(id) is no container") }
        return try await lab.withEngine { try await $0.container(id) }
    }
}
