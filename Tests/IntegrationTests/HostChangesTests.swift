import DockerEngine
import FoundationEssentials
import JSON
import Synchronization
import Testing

/// Hosts that the API adds, over a real SSH server.
@Suite(.serialized, .timeLimit(.minutes(5))) struct HostChangesTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test
    func `A host that is added over SSH runs containers, outlives a restart, and leaves no ssh when it is removed`()
        async throws
    {
        let (lab, app) = (lab, freshName("app"))
        let names = Mutex<[String]>([])
        try await withDirectory { directory in
            let hosts = ["none=unix:///run/no.sock"]
            try await BerthProcess.with(hosts: hosts, stateDirectory: directory, sshConfig: lab.sshConfig) { server in
                let http = server.client
                #expect(server.tunnels.isEmpty)
                let added = try await http.post("/v1/hosts", ["name": "far", "endpoint": .string(lab.sshEndpoint)])
                #expect(added.status == 201)
                #expect(added["state"] == "connecting")
                try await http.waitForHost("far", "connected")
                #expect(!server.tunnels.isEmpty)
                try await http.define(app)
                for _ in 0..<2 {
                    let name = try await self.run(http, app)
                    names.withLock { $0.append(name) }
                }
            }
            try await BerthProcess.with(hosts: hosts, stateDirectory: directory, sshConfig: lab.sshConfig) { server in
                let (http, names) = (server.client, names.withLock { $0 })
                try await http.waitForHost("far", "connected")
                #expect(try await http.get("/v1/hosts/far")["source"] == "api")
                #expect(try await http.get("/v1/runs/\(names[0])")["stale"] == false)
                #expect(try await http.post("/v1/hosts/far/drain")["drained"] == true)
                let refused = try await http.post("/v1/apps/\(app)/runs", ["host": "far"])
                #expect(refused.status == 409)
                #expect(refused["code"] == "host_drained")
                #expect(try await http.post("/v1/runs/\(names[0])/stop")["state"] == "exited")
            }
            try await BerthProcess.with(hosts: hosts, stateDirectory: directory, sshConfig: lab.sshConfig) { server in
                let (http, names) = (server.client, names.withLock { $0 })
                try await http.waitForHost("far", "connected")
                #expect(try await http.get("/v1/hosts/far")["drained"] == true)
                let tunnels = server.tunnels
                #expect(!tunnels.isEmpty)
                #expect(try await http.delete("/v1/hosts/far").status == 409)
                #expect(try await http.delete("/v1/hosts/far?force=true").status == 204)
                try await eventually("its ssh has ended") { !tunnels.contains { Processes.isRunning($0) } }
                try await eventually("its sockets are gone") { try sockets(in: server.stateDirectory).isEmpty }
                #expect(server.tunnels.isEmpty)
                #expect(try await http.get("/v1/runs/\(names[1])")["state"] == "lost")
                let states = try await lab.containers(ofApp: app).map(\.state)
                #expect(states.sorted() == ["exited", "running"])
            }
        }
        try await lab.removeContainers(ofApp: app)
    }

    private func run(_ http: HTTP, _ app: String) async throws -> String {
        let answer = try await http.post("/v1/apps/\(app)/runs", ["host": "far"])
        guard answer.status == 201 else { throw LabError("no run: \(answer.status) \(answer.text)") }
        return answer["items"].elements.first?["name"].string ?? ""
    }
}

private func sockets(in stateDirectory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: stateDirectory + "/ssh")
}
