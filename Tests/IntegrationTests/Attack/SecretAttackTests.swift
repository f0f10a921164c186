import BerthAPI
import FoundationEssentials
import Glibc
import JSON
import TestSupport
import Testing

/// Attempts to find secrets where they do not belong.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SecretAttackTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test
    func `The value of a variable is shown only with the permission to edit, and is in no log, metric or command line`()
        async throws
    {
        try await AttackedServer.with(lab) { server in
            let stage = server.stage
            for sender in [AttackSender.otherViewer, .deployer, .viewer] {
                for endpoint in EndpointFacts.all where endpoint.method == .get {
                    let path = endpoint.path.replacing("{app}", with: stage.otherApp)
                        .replacing("{run}", with: stage.otherRun).replacing("{host}", with: "lab")
                        .replacing(#/\{[a-z_]+\}/#, with: "1")
                    // A wait has no answer until the run ends.
                    guard let answer = try? await server.send("GET", path, as: sender, within: .seconds(3)) else {
                        #expect(path.hasSuffix("/wait"))
                        continue
                    }
                    #expect(server.secrets.found(in: answer.text) == [], "\(path) as \(sender)")
                }
            }
            // Names remain, so that a viewer knows what is set.
            let masked = try await server.http(.otherViewer).get("/v1/apps/\(stage.otherApp)")
            #expect(masked["variables"] == ["PASSWORD": "***"])
            let exec: JSONValue = ["command": ["env"]]
            #expect(try await server.http(.otherViewer).post("/v1/runs/\(stage.otherRun)/exec", exec).status == 403)
            try await expectNoSecret(server)
        }
    }

    @Test func `An error does not repeat the value that caused it`() async throws {
        try await AttackedServer.with(lab) { server in
            let (path, canary) = ("/v1/apps/\(server.stage.otherApp)", server.secrets.canary)
            let wrong = [
                #"{"variables":{"PASSWORD":"\#(canary)\u0000"}}"#, #"{"variables":{"A=B":"\#(canary)"}}"#,
                #"{"variables":{"PASSWORD":["\#(canary)"]}}"#, #"{"variables":{"PASSWORD":"\#(canary)"}"#,
                #"{"variables":{"PASSWORD":"\#(canary)"},"unknown":1}"#,
                #"{"variables":{"PASSWORD":"\#(canary)","PASSWORD":"\#(canary)"}}"#,
            ]
            for body in wrong {
                let headers = ["Authorization: Bearer \(server.otherToken)"]
                let answer = try await server.send("PATCH", path, headers, body: body)
                #expect((400..<500).contains(answer.status), "\(answer.text)")
                #expect(server.secrets.found(in: answer.text) == [], "\(body)")
            }
            try await expectNoSecret(server)
        }
    }

    @Test func `The database and the files of the server hold no text of a token or a session`() async throws {
        try await AttackedServer.with(lab) { server in
            let session = try await beginSession(server)
            let secrets = AttackSecrets(canary: session, tokens: server.secrets.tokens)
            let directory = server.process.stateDirectory
            var count = 0
            for name in try FileManager.default.subpathsOfDirectory(atPath: directory) where name != "admin-token" {
                guard let data = FileManager.default.contents(atPath: directory + "/" + name) else { continue }
                #expect(secrets.found(in: Array(data), mayHaveCanary: false) == [], "\(name)")
                count += 1
            }
            #expect(count >= 3)
            var status = stat()
            for name in ["admin-token", "berth.db"] {
                #expect(stat(directory + "/" + name, &status) == 0)
                #expect(status.st_mode & 0o077 == 0, "\(name)")
            }
        }
    }

    @Test func `A dump of MariaDB holds no text of a token or a session`() async throws {
        let lab = lab
        try await LabMariaDB.with { database in
            try await AttackedServer.with(lab, database: database.address) { server in
                let session = try await beginSession(server)
                let secrets = AttackSecrets(canary: session, tokens: server.secrets.tokens)
                let arguments = ["--no-defaults", "--socket=\(database.socket)", "--user=root", database.name]
                let dump = try await runTool("mariadb-dump", arguments: arguments)
                #expect(dump.contains(server.stage.ownApp))
                #expect(secrets.found(in: dump) == [])
            }
        }
    }

    @Test func `A token in a URL, or in another header than its own, is not accepted and not logged`() async throws {
        try await AttackedServer.with(lab) { server in
            let token = server.stage.tokens[.deployer] ?? ""
            for path in [
                "/v1/me?token=\(token)", "/v1/me?access_token=\(token)", "/v1/me?authorization=Bearer+\(token)",
            ] {
                #expect(try await server.send("GET", path).status == 401)
            }
            for header in [
                "Cookie: berth_session=\(token)", "X-Auth-Token: \(token)", "Authorization: \(token)",
                "Authorization: Token \(token)", "Authorization: Bearer \(token)x",
                "Authorization: Bearer \(token.uppercased())", "Proxy-Authorization: Bearer \(token)",
            ] {
                #expect(try await server.send("GET", "/v1/me", [header]).status == 401, "\(header.prefix(30))")
            }
            try await expectNoSecret(server)
        }
    }

    @Test func `The streams and sessions of a revoked token end within five seconds`() async throws {
        try await AttackedServer.with(lab) { server in
            let made = try await server.admin.post(
                "/v1/tokens",
                ["name": "brief", "role": "deployer", "apps": ["own-*"]]
            )
            let http = server.process.client.with(token: made["token"].string)
            let run = "/v1/runs/\(server.stage.ownRun)"
            let exec = try await http.post(run + "/exec", ["command": ["cat"], "interactive": true])
            #expect(exec.status == 201)
            let streams = try ["/v1/events", run + "/logs?follow=true", "/v1/exec/\(exec["id"].string)/output"].map {
                try RawStream(
                    "GET \($0) HTTP/1.1\r\nHost: 127.0.0.1:\(server.stage.port)\r\n"
                        + "Authorization: Bearer \(made["token"].string)\r\n\r\n",
                    port: server.stage.port
                )
            }
            for stream in streams { _ = try await stream.read { $0.contains("200 OK") } }
            let end = try await timed {
                #expect(try await server.admin.delete("/v1/tokens/\(made["id"].string)").status == 204)
                for stream in streams { _ = try await stream.read { _ in false } }
            }
            #expect(end.duration < .promised(.seconds(5)))
            #expect(try await http.get("/v1/me").status == 401)
            try await eventually("the session has ended") {
                try await server.admin.get("/v1/exec/\(exec["id"].string)")["state"] != "running"
            }
        }
    }

    /// Begins a browser's session, and returns what its cookie contains.
    private func beginSession(_ server: AttackedServer) async throws -> String {
        let token = server.stage.tokens[.deployer] ?? ""
        let answer = try await server.send("POST", "/v1/session", body: #"{"token":"\#(token)"}"#)
        let cookie = try #require(answer.header("set-cookie"))
        return String(try #require(cookie.firstMatch(of: #/berth_session=([a-z2-7]+)/#)).1)
    }

    private func expectNoSecret(_ server: AttackedServer) async throws {
        var verdict = AttackVerdict(secrets: server.secrets)
        verdict.judge(log: server.process.log)
        verdict.judge(try await server.admin.get("/metrics").text, named: "GET /metrics")
        verdict.judge(server.trace.commands, words: [])
        for id in Processes.all() {
            verdict.judge(Processes.arguments(of: id).joined(separator: " "), named: "the command line of \(id)")
        }
        #expect(verdict.violations == [])
    }
}
