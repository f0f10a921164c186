import DockerEngine
import Glibc
import JSON
import TestSupport
import Testing

/// The server's reports and actions while engines and their machines fail.
@Suite(.serialized) struct HostFaultTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test(arguments: Way.allCases)
    func `A killed engine is shown as down, its tunnel stays, and its runs are right after its return`(
        way: Way
    ) async throws {
        try await withEngineAndServer(way) { engine, server in
            let http = server.client
            try await http.define("app")
            let names = [try await http.run("app"), try await http.run("app")]
            let tunnels = server.tunnels
            engine.send(SIGKILL)
            try await http.waitForHost("far", "unreachable/engine_down")
            #expect(server.tunnels == tunnels)
            #expect(try await http.containers() == [names[0]: "R", names[1]: "R"])
            let refused = try await http.post("/apps/run/app")
            #expect(refused.status == 503)
            #expect(refused["code"] == "host_unreachable")
            #expect(try await http.patch("/apps/app", ["variables": ["a": "b"]]).status == 200)
            try await engine.restart()
            try await http.waitForHost("far", "connected", within: .promised(.seconds(10)))
            try await expectTruth(of: server, on: engine)
        }
    }

    @Test(arguments: Way.allCases)
    func `A hung engine is distinguished from one that is down`(way: Way) async throws {
        try await withEngineAndServer(way) { engine, server in
            let http = server.client
            try await http.define("app")
            let name = try await http.run("app")
            let tunnels = server.tunnels
            engine.send(SIGSTOP)
            try await http.waitForHost("far", "unreachable/engine_hung")
            #expect(try await http.containers() == [name: "R"])
            #expect(server.tunnels == tunnels)
            engine.send(SIGCONT)
            try await http.waitForHost("far", "connected", within: .promised(.seconds(10)))
            try await expectTruth(of: server, on: engine)
        }
    }

    @Test func `A silent peer is noticed, and used again when it answers`() async throws {
        let lab = lab
        try await PrivateSSHServer.with { sshd in
            try await BerthProcess.with(
                hosts: ["far=\(sshd.endpoint(socket: lab.engineSocket))"],
                sshConfig: sshd.config
            ) { server in
                let http = server.client
                try await http.waitForHost("far", "connected")
                let sessions = sshd.sessions
                #expect(!sessions.isEmpty)
                for process in sessions { kill(process, SIGSTOP) }
                try await eventually(within: .promised(.seconds(20)), "the silence is noticed") {
                    try await http.state(ofHost: "far").hasPrefix("unreachable")
                }
                for process in sessions { kill(process, SIGCONT) }
                try await http.waitForHost("far", "connected")
            }
        }
    }

    @Test func `Changes from the time of a cut link are known when it is back`() async throws {
        let lab = lab
        let app = freshName("app")
        try await PrivateSSHServer.with { sshd in
            try await BerthProcess.with(
                hosts: ["far=\(sshd.endpoint(socket: lab.engineSocket))"],
                sshConfig: sshd.config
            ) { server in
                let http = server.client
                try await http.define(app)
                var names: [String] = []
                for _ in 0..<4 { names.append(try await http.run(app)) }
                try await sshd.stop()
                try await http.waitForHost("far", "unreachable/ssh_down")
                try await runDocker(lab, "kill", names[0])
                try await runDocker(lab, "rm", "-f", names[1])
                try await runDocker(lab, "restart", "-t", "1", names[2])
                #expect(try await Set(http.containers().values) == ["R"])
                try await sshd.start()
                try await http.waitForHost("far", "connected")
                let expected = [names[0]: "F", names[1]: "F", names[2]: "R", names[3]: "R"]
                #expect(try await http.containers() == expected)
            }
        }
        try await lab.removeContainers(ofApp: app)
    }

    @Test func `Runs during a broken link get a true answer, and are reconciled when it is back`() async throws {
        let lab = lab
        let app = freshName("app")
        try await BerthProcess.with(hosts: ["far=\(lab.sshEndpoint)"], sshConfig: lab.sshConfig) { server in
            let http = server.client
            try await http.waitForHost("far", "connected")
            try await http.define(app)
            let started = Names()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<8 {
                            let answer = try await http.post("/apps/run/\(app)")
                            #expect([201, 502, 503, 504].contains(answer.status))
                            #expect(answer.status == 201 || answer["detail"].string.contains("far"))
                            if answer.status == 201 { started.add(answer["name"].string) }
                            if answer.status != 201 { try await http.waitForHost("far", "connected") }
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<3 {
                        try await Task.sleep(for: .milliseconds(Int.random(in: 300...900)))
                        for process in server.tunnels { kill(process, SIGKILL) }
                        try await http.waitForHost("far", "connected")
                    }
                }
                try await group.waitForAll()
            }
            try await http.waitForHost("far", "connected")
            try await eventually("the list and the engine agree") {
                let running = try await Set(http.containers().filter { $0.value == "R" }.keys)
                let found = try await lab.withEngine { try await $0.containers(labels: ["berth.app=\(app)"]) }
                let names = Set(found.flatMap { $0.names ?? [] }.map { String($0.dropFirst()) })
                return names == running && found.count == running.count && found.allSatisfy { $0.state == "running" }
            }
            let listed = try await http.containers()
            for name in started.all { #expect(listed[name] == "R") }
        }
        try await lab.removeContainers(ofApp: app)
    }

    @Test func `A dead host does not delay other hosts`() async throws {
        let lab = lab
        let app = freshName("app")
        try await BerthProcess.with(
            hosts: ["good=\(lab.unixEndpoint)", "dead=ssh://root@127.0.0.1:1", "gone=unix:///run/no/such.sock"],
            sshConfig: lab.sshConfig
        ) { server in
            let http = server.client
            try await http.define(app)
            let name = try await http.run(app)
            #expect(try await http.containers() == [name: "R"])
            try await http.waitForHost("dead", "unreachable/ssh_down")
            try await http.waitForHost("gone", "unreachable/engine_down")
        }
        try await lab.removeContainers(ofApp: app)
    }
}

extension HostFaultTests {
    private func withEngineAndServer(
        _ way: Way,
        _ body: @escaping @Sendable (PrivateEngine, BerthProcess) async throws -> Void
    ) async throws {
        let lab = lab
        try await PrivateEngine.with { engine in
            let endpoint =
                switch way {
                case .unixSocket: "unix://\(engine.socket)"
                case .ssh: "ssh://\(lab.sshUser)@127.0.0.1:\(lab.sshPort)\(engine.socket)"
                }
            try await BerthProcess.with(hosts: ["far=\(endpoint)"], sshConfig: lab.sshConfig) { server in
                try await body(engine, server)
            }
        }
    }

    /// Fails unless the server's list equals the engine's own list.
    private func expectTruth(of server: BerthProcess, on engine: PrivateEngine) async throws {
        let lines = try await runDocker(
            socket: engine.socket,
            ["ps", "-a", "--filter", "label=berth.app", "--format", "{{.Names}} {{.State}}"]
        )
        let truth = Dictionary(
            uniqueKeysWithValues: lines.split(separator: "\n").map { line in
                let words = line.split(separator: " ")
                return (String(words[0]), words[1] == "running" ? "R" : "F")
            }
        )
        #expect(!truth.isEmpty)
        try await eventually(within: .promised(.seconds(5)), "the server tells the truth \(truth)") {
            try await server.client.containers() == truth
        }
    }
}
