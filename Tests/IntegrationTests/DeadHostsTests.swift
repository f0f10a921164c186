import DockerEngine
import Glibc
import JSON
import TestSupport
import Testing

extension Alone {
    /// Three hosts that fail in different manners next to a working one: the working one is as quick as alone.
    @Suite(.serialized) struct DeadHostsTests {
        let lab: Lab

        init() throws { lab = try Lab() }

        @Test func `A working host is not slowed down by three dead ones`() async throws {
            let lab = lab
            let app = freshName("app")
            try await PrivateSSHServer.with { sshd in
                try await EngineProxy.with(engine: lab.engineSocket) { hole in
                    try await BerthProcess.with(
                        hosts: [
                            "lab=\(lab.unixEndpoint)", "silent=\(sshd.endpoint(socket: lab.engineSocket))",
                            "refused=ssh://root@127.0.0.1:1", "hole=\(hole.endpoint)",
                        ],
                        sshConfig: sshd.config
                    ) { server in
                        let http = server.client
                        try await http.define(app)
                        for host in ["silent", "hole"] { try await http.waitForHost(host, "connected") }
                        let processes = [sshd.processID] + sshd.sessions
                        try await Watch(http: http, app: app, lab: lab).whileUsed {
                            hole.turn(.silent)
                            for process in processes { kill(process, SIGSTOP) }
                            for (host, state) in [
                                ("silent", "unreachable/ssh_down"), ("refused", "unreachable/ssh_down"),
                                ("hole", "unreachable/engine_hung"),
                            ] {
                                try await http.waitForHost(host, state)
                                try await expectRefusal(by: host, app, http)
                            }
                        }
                        for process in processes { kill(process, SIGCONT) }
                    }
                }
            }
            try await lab.removeContainers(ofApp: app)
        }

        private func expectRefusal(by host: String, _ app: String, _ http: HTTP) async throws {
            let answer = try await timed { try await http.post("/v1/apps/\(app)/runs", ["host": .string(host)]) }
            #expect(answer.value.status == 503)
            #expect(answer.value["code"] == "host_unreachable")
            #expect(answer.duration < .promised(.seconds(1)))
        }
    }
}
