import FoundationEssentials
import Glibc
import JSON
import Testing

/// OpenSSH configurations that work by hand also work through the server.
@Suite(.serialized) struct SSHConfigurationTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `A configuration may refer to the environment, which has no variables of Berth`()
        async throws
    {
        try await withDirectory { directory in
            try await withAgent(of: lab.sshDirectory + "/id_ed25519", at: directory + "/agent.sock") {
                // Like `ssh HOST -W …` through a jump host, but with the lab's own server.
                let proxy = """
                    #!/bin/sh
                    env > \(directory)/environment
                    test "$AWS_PROFILE" = lab && exec /usr/sbin/sshd -i -f \(lab.sshDirectory)/sshd_config -E /dev/null
                    """
                try proxy.write(toFile: directory + "/proxy", atomically: true, encoding: .utf8)
                let config = try write(
                    """
                    Host *
                      IdentityAgent ${XDG_RUNTIME_DIR}/agent.sock
                      ProxyCommand sh \(directory)/proxy
                      HostKeyAlias [127.0.0.1]:\(lab.sshPort)
                      UserKnownHostsFile \(lab.sshDirectory)/known_hosts
                    """,
                    in: directory
                )
                try await BerthProcess.with(
                    hosts: ["far=\(lab.sshEndpoint)"],
                    sshConfig: config,
                    environment: [
                        "XDG_RUNTIME_DIR": directory, "AWS_PROFILE": "lab", "BERTH_KEEP_FINISHED": "29d",
                        "SSH_AUTH_SOCK": directory + "/other.sock",
                    ]
                ) { server in
                    try await server.client.waitForHost("far", "connected")
                }
                let handedOn = try String(contentsOfFile: directory + "/environment", encoding: .utf8)
                #expect(!handedOn.contains("BERTH_"))
                #expect(!handedOn.contains("SSH_AUTH_SOCK"))
            }
        }
    }

    @Test func `Options for interactive use leave one ssh with a session, and none of the user's port forwardings`()
        async throws
    {
        let lab = lab
        // The login shell reads no user's files, which may start a `cat` of their own.
        try await PrivateSSHServer.with(options: ["SetEnv=HOME=/nonexistent"]) { sshd in
            try await withDirectory { directory in
                // Forwardings to a port that is in use, and to ports that would be visible.
                let (first, second) = (Int.random(in: 20000..<30000), Int.random(in: 30000..<40000))
                let config = try write(
                    """
                    Host *
                      AddKeysToAgent confirm
                      ClearAllForwardings yes
                      ControlMaster auto
                      ControlPath \(directory)/theirs
                      ControlPersist yes
                      DynamicForward \(second)
                      ExitOnForwardFailure yes
                      ForkAfterAuthentication yes
                      LocalCommand touch \(directory)/canary
                      LocalForward \(sshd.port) 127.0.0.1:1
                      LocalForward \(first) 127.0.0.1:1
                      LogLevel QUIET
                      LogVerbose *
                      PermitLocalCommand yes
                      RemoteCommand false
                      RemoteForward \(sshd.port) 127.0.0.1:1
                      RequestTTY no
                      SessionType none
                      StdinNull yes
                      Tunnel yes
                      VisualHostKey yes
                    Include \(sshd.config)
                    """,
                    in: directory
                )
                try await BerthProcess.with(
                    hosts: ["far=\(sshd.endpoint(socket: lab.engineSocket))"],
                    sshConfig: config
                ) { server in
                    try await server.client.waitForHost("far", "connected")
                    try await eventually("a session holds the tunnel") { sshd.commands.count == 1 }
                    #expect(server.tunnels.count == 1)
                    #expect(!server.log.contains("refused a session"))
                    let ports = try await runTool("ss", "-Hltn")
                    for port in [first, second] { #expect(!ports.contains(":\(port) ")) }
                    #expect(sshd.log.split(separator: "\n").count { $0.contains("Connection from") } == 1)
                    server.send(SIGTERM)
                    try await eventually("all of it is gone") { server.tunnels.isEmpty && sshd.sessions.isEmpty }
                }
                #expect(!FileManager.default.fileExists(atPath: directory + "/canary"))
                #expect(!FileManager.default.fileExists(atPath: directory + "/theirs"))
            }
        }
    }

    @Test func `A jump host works, and its failures are reported as failures of a jump host`() async throws {
        try await withDirectory { directory in
            let knownHosts = directory + "/known_hosts"
            func config(_ option: String) throws -> String {
                try write(
                    """
                    Host jump
                      HostName 127.0.0.1
                      Port \(lab.sshPort)
                      User \(lab.sshUser)
                      IdentityFile \(lab.sshDirectory)/id_ed25519
                      UserKnownHostsFile \(knownHosts)
                      \(option)
                    Host 127.0.0.1
                      ProxyJump jump
                    Include \(lab.sshConfig)
                    """,
                    in: directory
                )
            }
            try await BerthProcess.with(hosts: ["far=\(lab.sshEndpoint)"], sshConfig: config("BatchMode yes")) {
                server in
                let http = server.client
                try await http.waitForHost("far", "untrusted")
                let host = try await http.get("/v1/hosts/far")
                #expect(host["fingerprint"] == nil)
                #expect(host["error"].string.contains("key of a jump host is unknown"))
                let refused = try await http.post("/v1/hosts/far/trust", ["fingerprint": "SHA256:x"])
                #expect(refused.status == 409)
            }
            try FileManager.default.copyItem(atPath: lab.sshDirectory + "/known_hosts", toPath: knownHosts)
            let noLogin = try config("PreferredAuthentications none")
            try await BerthProcess.with(hosts: ["far=\(lab.sshEndpoint)"], sshConfig: noLogin) { server in
                let http = server.client
                try await eventually("the jump host's refusal is reported") {
                    let host = try await http.get("/v1/hosts/far")
                    return host["reason"] == "auth_failed"
                        && host["error"].string.contains("A jump host rejects the login")
                }
            }
            let right = try config("BatchMode yes")
            try await BerthProcess.with(hosts: ["far=\(lab.sshEndpoint)"], sshConfig: right) { server in
                try await server.client.waitForHost("far", "connected")
            }
        }
    }

    private func write(_ text: String, in directory: String) throws -> String {
        try (text + "\n").write(toFile: directory + "/config", atomically: true, encoding: .utf8)
        return directory + "/config"
    }

    /// An ssh-agent with this key, while `body` runs.
    private func withAgent(
        of key: String,
        at socket: String,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let started = try await runTool("ssh-agent", "-a", socket)
        let words = started.split { "=; \n".contains($0) }
        let agent = words.firstIndex(of: "SSH_AGENT_PID").flatMap { pid_t(words[$0 + 1]) }
        defer { if let agent { kill(agent, SIGTERM) } }
        try await runTool("env", "SSH_AUTH_SOCK=\(socket)", "ssh-add", "-q", key)
        try await body()
    }
}
