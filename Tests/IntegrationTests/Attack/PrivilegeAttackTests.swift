import BerthAPI
import JSON
import Testing

/// Attempts to get a container with rights over its host.
@Suite(.serialized, .timeLimit(.minutes(5))) struct PrivilegeAttackTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `No path to a run accepts a privileged field, and no container gets its right`() async throws {
        try await AttackedServer.with(lab) { server in
            let (own, run) = (server.stage.ownApp, server.stage.ownRun)
            let image = #""image":"busybox","command":["sleep","9"]"#
            let paths = [
                ("POST", "/v1/apps", #""name":"own-new","# + image), ("PUT", "/v1/apps/\(own)", image),
                ("PATCH", "/v1/apps/\(own)", #""command":["sleep","9"]"#),
                ("POST", "/apps", #""name":"own-new","# + image), ("PUT", "/apps/\(own)", image),
                ("PATCH", "/apps/\(own)", #""command":["sleep","9"]"#), ("POST", "/v1/apps/\(own)/runs", #""count":1"#),
                ("POST", "/v1/apps/\(own)/rollback", #""release":1"#),
                ("POST", "/v1/runs/\(run)/exec", #""command":["id"]"#),
            ]
            for member in PrivilegedFields.members {
                for (method, path, members) in paths {
                    let answer = try await server.send(method, path, as: .admin, body: "{\(members),\(member)}")
                    #expect(answer.status == 422, "\(method) \(path) \(member): \(answer.text)")
                }
                let answer = try await server.send("POST", "/apps/run/\(own)", as: .admin, body: "{\(member)}")
                #expect(answer.status == 422, "\(member): \(answer.text)")
            }
            try await expectHarmless(server)
        }
    }

    @Test func `No value of a permitted field leads to the host`() async throws {
        try await AttackedServer.with(lab) { server in
            let path = "/v1/apps/\(server.stage.ownApp)"
            for value in PrivilegedFields.values {
                let answer = try await server.send("PATCH", path, as: .deployer, body: "{\(value)}")
                #expect([200, 422].contains(answer.status), "\(value): \(answer.text)")
                let leadsToHost = value.hasPrefix(#""volumes":["/"#) || value.lowercased().contains(#"k":"host""#)
                #expect(answer.status == 422 || !leadsToHost, "\(value) was accepted")
                guard answer.status == 200 else { continue }
                // Whatever the engine makes of it, the container must be harmless.
                let started = try await server.send("POST", path + "/runs", as: .deployer)
                #expect(started.status < 500 || started.code == "engine_error", "\(value): \(started.text)")
                let clean = try await server.send("PUT", path, as: .deployer, body: #"{"image":"busybox"}"#)
                #expect(clean.status == 200)
            }
            try await expectHarmless(server)
        }
    }

    @Test func `A body with another case of a key, a repeated key or 2 MiB changes nothing`() async throws {
        try await AttackedServer.with(lab) { server in
            let path = "/v1/apps/\(server.stage.ownApp)"
            let before = try await server.http(.deployer).get(path).text
            let wrong: [(String, Int)] = [
                (#"{"Image":"evil"}"#, 422), (#"{"IMAGE":"evil"}"#, 422), (#"{"image":"busybox","image":"evil"}"#, 400),
                (#"{"image":"busybox","im\u0061ge":"evil"}"#, 400), (#"{"image":"busybox"} {"image":"evil"}"#, 400),
                (#"{"image":"evil""#, 400), (#"{"image":["evil"]}"#, 422), (#"["image"]"#, 422),
                (String(repeating: "[", count: 100_000), 400), (#"{"memory_bytes":1e400}"#, 400),
                (#"{"image":"evil"}"# + String(repeating: " ", count: 2 << 20), 413),
            ]
            for (body, status) in wrong {
                let answer = try await server.send("PATCH", path, as: .deployer, body: body)
                #expect(
                    answer.status == status || [400, 422].contains(answer.status) && status != 413,
                    "\(answer.text)"
                )
            }
            // Without a length, the body is cut off while it arrives.
            var draft = AttackDraft(method: "PATCH", path: path, headers: ["Host: 127.0.0.1:\(server.stage.port)"])
            draft.headers.append("Authorization: Bearer \(server.stage.tokens[.deployer] ?? "")")
            draft.headers.append("Content-Type: application/json")
            draft.framing = ["Transfer-Encoding: chunked"]
            let chunk = #"{"image":"evil"}"# + String(repeating: " ", count: (2 << 20) - 16)
            draft.body = Array("200000\r\n\(chunk)\r\n0\r\n\r\n".utf8)
            #expect(try await server.send(draft.bytes)?.status == 413)
            #expect(try await server.http(.deployer).get(path).text == before)
        }
    }

    @Test func `Names that look like ids or paths, and routes of the engine, lead nowhere`() async throws {
        try await AttackedServer.with(lab) { server in
            let run = try await server.other.get("/v1/runs/\(server.stage.otherRun)")
            let container = run["container_id"].string
            let names = [
                container, String(container.prefix(12)), "sha256:" + container, "x%2F..%2F..%2Fimages", "%2e%2e",
                "%2e%2e%2fcontainers", "..%2f" + server.stage.otherApp, server.stage.otherApp + "%00", "%00", "..;",
                "%252e%252e", server.stage.otherRun + "%2flogs", "0", "-", "*", "~", "%ff", "%e2%80%ae", "a%20b",
            ]
            for endpoint in EndpointFacts.all where endpoint.method == .get && endpoint.path.contains("{") {
                for name in names {
                    let path = endpoint.path.replacing(#/\{[a-z_]+\}/#, with: name)
                    let answer = try await server.send("GET", path, as: .deployer, within: .seconds(5))
                    #expect((400..<500).contains(answer.status), "\(path): \(answer.status) \(answer.text)")
                }
            }
            for path in [
                "/containers/json", "/v1.41/containers/json", "/containers/\(container)/json", "/images/json", "/info",
                "/containers/\(container)/archive?path=/", "/containers/\(container)/export", "/build", "/commit",
                "/plugins", "/v1/containers", "/v1/runs/\(server.stage.ownRun)/archive", "/events", "/_ping", "/exec/a",
                "/v1/runs/\(server.stage.ownRun)/../../hosts", "/v1/../healthz", "/../etc/passwd",
                "/v1/apps/\(server.stage.ownApp)/%2e%2e/\(server.stage.otherApp)",
            ] {
                for method in ["GET", "POST"] {
                    let answer = try await server.send(method, path, as: .admin)
                    #expect(answer.status == 404, "\(method) \(path): \(answer.status)")
                }
            }
        }
    }

    private func expectHarmless(_ server: AttackedServer) async throws {
        var verdict = AttackVerdict(secrets: server.secrets)
        let memory = server.process.residentMemory
        try await server.judge(
            &verdict,
            processBefore: server.process.processID,
            memoryBefore: memory,
            mostMemory: server.process.residentMemory
        )
        #expect(verdict.violations == [])
        #expect(try await !server.containers().isEmpty)
    }
}
