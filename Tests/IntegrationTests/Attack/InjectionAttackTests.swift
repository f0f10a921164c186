import FoundationEssentials
import JSON
import Testing

/// Texts that a shell, ssh, a terminal, a log or a header would take for more than a text.
@Suite(.serialized, .timeLimit(.minutes(5))) struct InjectionAttackTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `Shell syntax and options of ssh in the endpoint of a host are refused`() async throws {
        try await AttackedServer.with(lab) { server in
            let file = server.stage.canaryFile
            for endpoint in Self.endpoints(file) {
                let body: JSONValue = ["name": "spare", "endpoint": .string(endpoint)]
                let answer = try await server.admin.post("/v1/hosts", body)
                #expect(answer.status == 422, "\(endpoint): \(answer.text)")
            }
            for name in AttackMutation.injections(file).filter({ !$0.contains("\\") }) {
                let body: JSONValue = ["name": .string(name), "endpoint": "unix:///nonexistent/spare.sock"]
                #expect(try await server.admin.post("/v1/hosts", body).status == 422, "\(name)")
            }
            try await expectUnharmed(server)
        }
    }

    @Test func `Shell syntax in each text of an app reaches no program of the server's`() async throws {
        try await AttackedServer.with(lab) { server in
            let (file, path) = (server.stage.canaryFile, "/v1/apps/\(server.stage.ownApp)")
            for text in AttackMutation.injections(file) {
                for member in Self.members(with: text) {
                    let answer = try await server.send("PATCH", path, as: .deployer, body: "{\(member)}")
                    #expect(answer.status == 200 || answer.status == 422, "\(member): \(answer.text)")
                }
                let started = try await server.send("POST", path + "/runs", as: .deployer, body: #"{"wait":"started"}"#)
                #expect(started.status < 500 || started.code == "engine_error", "\(text): \(started.text)")
                let exec = #"{"command":["echo","\#(text)"],"timeout":5}"#
                let run = "/v1/runs/\(server.stage.ownRun)/exec"
                #expect(try await server.send("POST", run, as: .deployer, body: exec).status < 500, "\(text)")
                let reset = try await server.send("PUT", path, as: .deployer, body: #"{"image":"busybox"}"#)
                #expect(reset.status == 200)
            }
            try await expectUnharmed(server)
        }
    }

    @Test func `Line breaks, control characters and markup reach neither a header nor a line of the log`() async throws
    {
        try await AttackedServer.with(lab) { server in
            let texts = [
                "%0d%0aX-Injected:%201", "%0aX-Injected:%201", "%0d%0a%0d%0aHTTP/1.1%20200%20OK", "%1b%5b2J", "%00",
                "%e2%80%ae", "%3C/script%3E%3Cscript%3E", "%7B%22message%22:%22x%22%7D", "%1b%5d52;c;aGk%3D%07",
            ]
            for text in texts {
                for path in ["/v1/apps/\(text)", "/\(text)", "/v1/runs/\(text)/logs", "/v1/runs?app=\(text)"] {
                    let answer = try await server.send("GET", path, as: .deployer)
                    #expect(answer.header("x-injected") == nil)
                    #expect(answer.status < 500)
                }
            }
            for header in ["X-Request-Id: a%0d%0ab", "X-Request-Id: \u{202E}", "X-Request-Id: {\"a\":1}"] {
                let answer = try await server.send("GET", "/v1/nothing", as: .deployer, [header])
                #expect(answer.header("x-request-id")?.wholeMatch(of: #/[0-9a-f]{32}/#) != nil)
            }
            try await expectUnharmed(server)
            // They were logged, as they were sent.
            #expect(server.process.log.contains("%0d%0aX-Injected"))
        }
    }

    private func expectUnharmed(_ server: AttackedServer) async throws {
        var verdict = AttackVerdict(secrets: server.secrets)
        verdict.judge(server.trace.commands, words: [server.stage.canaryFile])
        verdict.judge(
            canaryFile: server.stage.canaryFile,
            exists: FileManager.default.fileExists(atPath: server.stage.canaryFile)
        )
        verdict.judge(log: server.process.log)
        #expect(verdict.violations == [])
        // The tunnel to the engine was seen, so others would have been.
        #expect(server.trace.commands.contains { $0.arguments.contains("ssh") })
        #expect(try await server.process.client.get("/healthz").status == 200)
    }

    private static func endpoints(_ file: String) -> [String] {
        [
            "ssh://-oProxyCommand=touch%20\(file)", "ssh://-oProxyCommand=touch \(file)", "ssh://-oProxyCommand=x",
            "ssh://a@-oProxyCommand=x", "ssh://-l@h", "ssh://-F\(file)@h", "ssh://a b@h", "ssh://a;touch@h",
            "ssh://$(touch)@h", "ssh://h;touch", "ssh://h`touch`", "ssh://h|touch", "ssh://h&touch", "ssh://h\ntouch",
            "ssh://h%0atouch", "ssh://h:22;touch", "ssh://h:-1", "ssh://h:99999", "ssh://h:22a",
            "ssh:///run/docker.sock",
            "ssh://", "ssh://h?a=b", "ssh://h#a", "ssh://h/a:b", "ssh://h/%h", "ssh://h/$HOME/a", "ssh://h/`touch`",
            "ssh://user:password@h", "ssh://a@b@h", "ssh://[::1", "ssh://\u{202E}h", "ssh://hé", "unix://relative",
            "unix:", "unix:///a b", "unix:///a\u{0}b", "tcp://h:2375", "tcp://127.0.0.1:2375?tls=off",
            "tcp://h:2376?certs=/etc", "tcp://h:2376?certs=../../etc", "http://169.254.169.254/", "file:///etc/passwd",
            "npipe://x", "-oProxyCommand=x", "", "ssh://h/" + String(repeating: "a", count: 2000),
        ]
    }

    /// Members of an app's body, with JSON escapes as they are in `text`.
    private static func members(with text: String) -> [String] {
        [
            #""image":"\#(text)""#, #""command":"\#(text)""#, #""command":["\#(text)"]"#, #""entrypoint":["\#(text)"]"#,
            #""variables":{"A":"\#(text)"}"#, #""variables":{"\#(text)":"A"}"#, #""labels":{"a":"\#(text)"}"#,
            #""user":"\#(text)""#, #""hostname":"\#(text)""#, #""working_dir":"/\#(text)""#, #""network":"\#(text)""#,
            #""volumes":["\#(text):/d"]"#, #""volumes":["d:/\#(text)"]"#, #""stop_signal":"\#(text)""#,
            #""health":{"command":"\#(text)"}"#, #""extra_hosts":{"\#(text)":"1.2.3.4"}"#, #""host":"\#(text)""#,
            #""ports":["\#(text)"]"#, #""tmpfs":["/\#(text)"]"#, #""restart":"\#(text)""#, #""pull":"\#(text)""#,
        ]
    }
}
