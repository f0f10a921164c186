import FoundationEssentials
import Glibc
import JSON
import Testing

/// The SSH tunnel: its handling of keys, faults and leftover processes.
@Suite(.serialized) struct TunnelTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `An unknown host key is untrusted until its fingerprint is approved, and stays approved`() async throws {
        let lab = lab
        try await PrivateSSHServer.with { sshd in
            try await withDirectory { state in
                let config = try configWithoutKnownHosts(sshd, in: state)
                let hosts = ["far=\(sshd.endpoint(socket: lab.engineSocket))"]
                try await BerthProcess.with(hosts: hosts, stateDirectory: state, sshConfig: config) { server in
                    let http = server.client
                    try await http.waitForHost("far", "untrusted")
                    let host = try await http.get("/v1/hosts/far")
                    let fingerprint = host["fingerprint"].string
                    #expect(try await sshd.fingerprint() == fingerprint)
                    #expect(host["error"].string.contains("trust"))
                    let wrong = try await http.post("/v1/hosts/far/trust", ["fingerprint": "SHA256:wrong"])
                    #expect(wrong.status == 409)
                    #expect(try await http.state(ofHost: "far") == "untrusted")
                    let trusted = try await http.post("/v1/hosts/far/trust", ["fingerprint": .string(fingerprint)])
                    #expect(trusted.status == 200)
                    // Less than the 10 s after which an untrusted host is tried again in any case.
                    try await http.waitForHost("far", "connected", within: .seconds(8))
                    #expect(
                        try await http.post("/v1/hosts/far/trust", ["fingerprint": .string(fingerprint)]).status == 409
                    )
                }
                try await BerthProcess.with(hosts: hosts, stateDirectory: state, sshConfig: config) { server in
                    try await server.client.waitForHost("far", "connected")
                }
            }
        }
    }

    @Test func `A changed host key is refused until the new one is approved`() async throws {
        let lab = lab
        try await PrivateSSHServer.with { sshd in
            try await withDirectory { state in
                let config = try configWithoutKnownHosts(sshd, in: state)
                let hosts = ["far=\(sshd.endpoint(socket: lab.engineSocket))"]
                try await BerthProcess.with(hosts: hosts, stateDirectory: state, sshConfig: config) { server in
                    let http = server.client
                    try await http.waitForHost("far", "untrusted")
                    let first = try await http.get("/v1/hosts/far")["fingerprint"]
                    _ = try await http.post("/v1/hosts/far/trust", ["fingerprint": first])
                    try await http.waitForHost("far", "connected")
                    try await sshd.changeHostKey()
                    try await http.waitForHost("far", "unreachable/host_key_changed")
                    let host = try await http.get("/v1/hosts/far")
                    #expect(host["fingerprint"] != first)
                    #expect(try await http.post("/apps/run/none").status == 404)
                    _ = try await http.post("/v1/hosts/far/trust", ["fingerprint": host["fingerprint"]])
                    try await http.waitForHost("far", "connected")
                }
            }
        }
    }

    @Test func `Each kind of tunnel failure has a host state of its own`() async throws {
        let lab = lab
        try await PrivateSSHServer.with { sshd in
            try await withDirectory { directory in
                let otherKey = try await configWithOtherKey(sshd, in: directory)
                try await BerthProcess.with(
                    hosts: [
                        "nobody=ssh://root@127.0.0.1:1\(lab.engineSocket)",
                        "nosocket=\(sshd.endpoint(socket: "/run/no/such.sock"))",
                        "good=\(sshd.endpoint(socket: lab.engineSocket))",
                    ],
                    sshConfig: sshd.config
                ) { server in
                    try await server.client.waitForHost("nobody", "unreachable/ssh_down")
                    try await server.client.waitForHost("nosocket", "unreachable/engine_down")
                    try await server.client.waitForHost("good", "connected")
                    let run = try await server.client.get("/v1/hosts/nosocket")
                    #expect(run["error"].string.contains("group docker"))
                }
                try await BerthProcess.with(
                    hosts: ["far=\(sshd.endpoint(socket: lab.engineSocket))"],
                    sshConfig: otherKey
                ) { server in
                    try await server.client.waitForHost("far", "unreachable/auth_failed")
                }
            }
        }
    }

    @Test func `A refused login is not retried for a minute, however many requests arrive`() async throws {
        let lab = lab
        try await PrivateSSHServer.with(options: ["MaxStartups=1:100:1"]) { sshd in
            try await withDirectory { directory in
                let config = try await configWithOtherKey(sshd, in: directory)
                let hosts = ["far=\(sshd.endpoint(socket: lab.engineSocket))"]
                try await BerthProcess.with(hosts: hosts, sshConfig: config) { server in
                    let http = server.client
                    try await http.waitForHost("far", "unreachable/auth_failed")
                    try await http.define("app")
                    // Long enough for four attempts, if a refused login were retried like a broken connection.
                    let end = ContinuousClock.now + .seconds(8)
                    while .now < end {
                        try await Task.sleep(for: .milliseconds(40))
                        let answer = try await http.post("/apps/run/app")
                        #expect(answer.status == 503)
                        #expect(answer["code"] == "host_unreachable")
                        #expect(answer.header("retry-after") != nil)
                    }
                }
                #expect(sshd.log.split(separator: "\n").count { $0.contains("Connection from") } == 1)
            }
        }
    }

    @Test(arguments: ["PermitTTY=no", "MaxSessions=0", "ForceCommand=/bin/false"])
    func `A server that gives no terminal or no session still gives a tunnel`(option: String) async throws {
        let lab = lab
        try await PrivateSSHServer.with(options: [option]) { sshd in
            try await BerthProcess.with(
                hosts: ["far=\(sshd.endpoint(socket: lab.engineSocket))"],
                sshConfig: sshd.config
            ) { server in
                try await server.client.waitForHost("far", "connected")
            }
        }
    }

    /// ssh lives as long as an engine's connection, and ends with the last one: like on a host that shuts down.
    @Test func `A session that ended with the engine leaves the host down, and the host returns with a new session`()
        async throws
    {
        // A shell above the command makes ssh end with the command's code instead of its own. It reads no user's files.
        let options = ["ForceCommand=cat; exit 3", "SetEnv=HOME=/nonexistent"]
        try await PrivateEngine.with { engine in
            try await PrivateSSHServer.with(options: options) { sshd in
                let hosts = ["far=\(sshd.endpoint(socket: engine.socket))"]
                try await BerthProcess.with(hosts: hosts, sshConfig: sshd.config) { server in
                    let http = server.client
                    try await http.waitForHost("far", "connected")
                    try await eventually("a session holds the tunnel") { sshd.commands.count == 1 }
                    let before = sshd.commands
                    try await Task.sleep(for: .seconds(6))
                    for process in before { kill(process, SIGTERM) }
                    try await eventually("the session is over") { sshd.commands.isEmpty }
                    engine.send(SIGKILL)
                    try await http.waitForHost("far", "unreachable/ssh_down")
                    try await eventually("a session holds the tunnel again") { sshd.commands.count == 1 }
                    try await engine.restart()
                    try await http.waitForHost("far", "connected")
                    // The forced command also replaces the Docker check while the engine is down.
                    try await eventually(within: .seconds(60), "one session is left") { sshd.commands.count == 1 }
                    #expect(server.log.contains("the session on the host ended"))
                    #expect(!server.log.contains("without one"))
                }
            }
        }
    }

    @Test func `A broken tunnel is restored by itself, each time with one ssh`() async throws {
        let lab = lab
        try await BerthProcess.with(hosts: ["far=\(lab.sshEndpoint)"], sshConfig: lab.sshConfig) { server in
            try await server.client.waitForHost("far", "connected")
            for _ in 0..<5 {
                try await eventually("there is one tunnel") { server.tunnels.count == 1 }
                let before = server.tunnels
                for process in before { kill(process, SIGKILL) }
                try await eventually("another tunnel is up") {
                    try await server.client.state(ofHost: "far") == "connected" && server.tunnels.count == 1
                        && server.tunnels != before
                }
            }
            #expect(server.tunnels.count == 1)
            let sockets = try FileManager.default.contentsOfDirectory(atPath: server.stateDirectory + "/ssh")
            #expect(sockets.count { $0.hasSuffix(".sock") } == 1)
            #expect(sockets.count == 2)
        }
    }

    @Test func `The forwarded socket is accessible only to the server's user`() async throws {
        let lab = lab
        try await BerthProcess.with(hosts: ["far=\(lab.sshEndpoint)"], sshConfig: lab.sshConfig) { server in
            try await server.client.waitForHost("far", "connected")
            let directory = server.stateDirectory + "/ssh"
            let sockets = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(sockets.count == 2)
            #expect(try mode(directory) == 0o700)
            for socket in sockets { #expect(try mode(directory + "/" + socket) == 0o600) }
            #expect(try mode(server.stateDirectory + "/berth.db") == 0o600)
        }
    }

    @Test(arguments: [SIGKILL, SIGTERM, SIGINT])
    func `After any end of the server, no ssh and no remote session is left`(signal: Int32) async throws {
        let lab = lab
        try await PrivateSSHServer.with { sshd in
            try await withDirectory { state in
                for _ in 0..<3 {
                    try await BerthProcess.with(
                        hosts: ["far=\(sshd.endpoint(socket: lab.engineSocket))"],
                        stateDirectory: state,
                        sshConfig: sshd.config
                    ) { server in
                        try await server.client.waitForHost("far", "connected")
                        #expect(server.tunnels.count == 1)
                        server.send(signal)
                        try await eventually("it is gone") {
                            !server.isRunning && server.tunnels.isEmpty && sshd.sessions.isEmpty
                        }
                    }
                }
            }
        }
    }

    @Test func `A leftover ssh is ended at the next start, and old sockets are removed`() async throws {
        let lab = lab
        try await withDirectory { state in
            try FileManager.default.createDirectory(atPath: state + "/ssh", withIntermediateDirectories: false)
            let socket = state + "/ssh/leftover.sock"
            try Data().write(to: URL(filePath: state + "/ssh/past.sock"))
            let arguments = ["-F", lab.sshConfig, "-N", "-L", "\(socket):\(lab.engineSocket)", "-p", lab.sshPort]
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = try? await runTool("ssh", arguments: arguments + ["\(lab.sshUser)@127.0.0.1"])
                }
                try await eventually("the tunnel is up") { FileManager.default.fileExists(atPath: socket) }
                let leftovers = Processes.tunnels(into: state + "/ssh/")
                #expect(leftovers.count == 1)
                let hosts = ["far=\(lab.sshEndpoint)"]
                try await BerthProcess.with(hosts: hosts, stateDirectory: state, sshConfig: lab.sshConfig) { server in
                    try await server.client.waitForHost("far", "connected")
                    #expect(server.tunnels.count == 1)
                    #expect(server.tunnels != leftovers)
                    #expect(!FileManager.default.fileExists(atPath: state + "/ssh/past.sock"))
                }
                for process in leftovers where Processes.isRunning(process) { kill(process, SIGKILL) }
            }
        }
    }

    @Test func `A pinned configuration keeps the user's own configuration and agent out`() async throws {
        let lab = lab
        try await withDirectory { home in
            try FileManager.default.createDirectory(atPath: home + "/.ssh", withIntermediateDirectories: true)
            let canary = home + "/canary"
            let hostile = "Host *\n  ProxyCommand touch \(canary)\n  LocalCommand touch \(canary)\n"
            try hostile.write(toFile: home + "/.ssh/config", atomically: true, encoding: .utf8)
            try await BerthProcess.with(
                hosts: ["far=\(lab.sshEndpoint)"],
                sshConfig: lab.sshConfig,
                environment: ["HOME": home, "SSH_AUTH_SOCK": home + "/agent"]
            ) { server in
                try await server.client.waitForHost("far", "connected")
                for process in server.tunnels {
                    let environment = try Data(contentsOf: URL(filePath: "/proc/\(process)/environ"))
                    #expect(!String(decoding: environment, as: UTF8.self).contains("SSH_AUTH_SOCK"))
                }
            }
            #expect(!FileManager.default.fileExists(atPath: canary))
        }
    }
}

extension TunnelTests {
    private func mode(_ path: String) throws -> UInt32 {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw LabError("no \(path)") }
        return status.st_mode & 0o777
    }
}

private func configWithoutKnownHosts(_ sshd: PrivateSSHServer, in directory: String) throws -> String {
    let text = """
        Host *
          IdentityFile \(sshd.directory)/id_ed25519
          IdentitiesOnly yes
          UserKnownHostsFile \(directory)/user_known_hosts
        """
    try text.write(toFile: directory + "/config", atomically: true, encoding: .utf8)
    return directory + "/config"
}

private func configWithOtherKey(_ sshd: PrivateSSHServer, in directory: String) async throws -> String {
    try await runTool("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", directory + "/stranger")
    let text = """
        Host *
          IdentityFile \(directory)/stranger
          IdentitiesOnly yes
          UserKnownHostsFile \(sshd.directory)/known_hosts
        """
    try text.write(toFile: directory + "/config", atomically: true, encoding: .utf8)
    return directory + "/config"
}
