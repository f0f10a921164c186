import DockerEngine
import FoundationEssentials
import Glibc
import JSON
import Testing

/// Hosts whose SSH server forwards no sockets: the engine is reached by sessions that run Docker's own command.
@Suite(.serialized) struct SSHSessionsTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test(arguments: [["AllowTcpForwarding=no"], ["DisableForwarding=yes", "MaxSessions=3"]])
    func `A server that forbids forwarding is used through sessions, and its status says so`(
        options: [String]
    ) async throws {
        let lab = lab
        try await PrivateSSHServer.with(options: options + quickShell) { sshd in
            try await expectWork(lab, sshd, hosts: ["far=\(sshd.endpoint(socket: lab.engineSocket))"])
        }
    }

    @Test func `A key that may only run Docker's command suffices`() async throws {
        let lab = lab
        try await PrivateSSHServer.with(options: quickShell) { sshd in
            let file = sshd.directory + "/authorized_keys"
            let key = try String(contentsOfFile: file, encoding: .utf8)
            let command = "docker -H unix://\(lab.engineSocket) system dial-stdio"
            try "restrict,command=\"\(command)\" \(key)".write(toFile: file, atomically: true, encoding: .utf8)
            try await expectWork(lab, sshd, hosts: ["far=ssh://root@127.0.0.1:\(sshd.port)"])
        }
    }

    /// Eight concurrent runs over any number of sessions, with everything deleted afterwards.
    private func expectWork(_ lab: Lab, _ sshd: PrivateSSHServer, hosts: [String]) async throws {
        let app = freshName("app")
        try await BerthProcess.with(hosts: hosts, sshConfig: sshd.config) { server in
            let http = server.client
            try await http.waitForHost("far", "connected")
            let warnings = try await http.get("/v1/hosts/far")["warnings"].elements.map(\.string)
            #expect(warnings.contains { $0.contains("docker system dial-stdio") && $0.contains("AllowTcpForwarding") })
            try await http.define(app)
            let names = try await http.run(app, count: 8, host: "far")
            #expect(Set(names).count == 8)
            let containers = try await http.containers()
            #expect(names.allSatisfy { containers[$0] == "R" })
            try await runDocker(lab, "kill", names[0])
            try await eventually("the end of a container is known") { try await http.containers()[names[0]] == "F" }
            // A broken connection is restored, with one ssh that holds it.
            for process in server.tunnels { kill(process, SIGKILL) }
            try await eventually("it is noticed") { try await http.state(ofHost: "far") != "connected" }
            try await http.waitForHost("far", "connected")
            #expect(try await http.run(app, count: 1, host: "far").count == 1)
            server.send(SIGKILL)
            try await eventually("all of it is gone") { server.tunnels.isEmpty && sshd.sessions.isEmpty }
        }
        try await lab.removeContainers(ofApp: app)
    }

    @Test func `An engine that is down behind such a server is reported in Docker's words, and found when it is up`()
        async throws
    {
        try await PrivateEngine.with { engine in
            try await PrivateSSHServer.with(options: ["AllowStreamLocalForwarding=no"] + quickShell) { sshd in
                engine.send(SIGKILL)
                let hosts = ["far=\(sshd.endpoint(socket: engine.socket))"]
                try await BerthProcess.with(hosts: hosts, sshConfig: sshd.config) { server in
                    try await server.client.waitForHost("far", "unreachable/engine_down")
                    let error = try await server.client.get("/v1/hosts/far")["error"].string
                    #expect(error.contains("dial unix \(engine.socket)"))
                    #expect(error.contains("AllowStreamLocalForwarding"))
                    try await engine.restart()
                    try await server.client.waitForHost("far", "connected", within: .seconds(75))
                    engine.send(SIGKILL)
                    try await server.client.waitForHost("far", "unreachable/engine_down")
                    try await engine.restart()
                    try await server.client.waitForHost("far", "connected")
                }
            }
        }
    }

    @Test func `A login that only names another user to log in as is shown with its message`() async throws {
        let lab = lab
        try await PrivateSSHServer.with(options: quickShell) { sshd in
            let file = sshd.directory + "/authorized_keys"
            let key = try String(contentsOfFile: file, encoding: .utf8)
            // As cloud-init writes it.
            let command =
                #"echo 'Please login as the user \"ubuntu\" rather than the user \"root\".';echo;sleep 10;exit 142"#
            let options = "no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command=\"\(command)\""
            try "\(options) \(key)".write(toFile: file, atomically: true, encoding: .utf8)
            let hosts = ["far=\(sshd.endpoint(socket: lab.engineSocket))"]
            try await BerthProcess.with(hosts: hosts, sshConfig: sshd.config) { server in
                try await server.client.waitForHost("far", "unreachable/auth_failed")
                let error = try await server.client.get("/v1/hosts/far")["error"].string
                #expect(error.contains(#"Please login as the user "ubuntu" rather than the user "root"."#))
            }
        }
    }
}

/// The login shell reads no user's files.
private let quickShell = ["SetEnv=HOME=/nonexistent"]
