import JSON
import Testing

/// What a page of another site can make a browser do.
@Suite(.serialized, .timeLimit(.minutes(5))) struct BrowserAttackTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `A page of another site, port or scheme can change nothing by a session's cookie`() async throws {
        try await AttackedServer.with(lab) { server in
            let port = server.stage.port
            let token = server.stage.tokens[.deployer] ?? ""
            let begun = try await server.send("POST", "/v1/session", body: #"{"token":"\#(token)"}"#)
            let setCookie = try #require(begun.header("set-cookie"))
            #expect(setCookie.contains("; HttpOnly; SameSite=Strict"))
            let cookie = "Cookie: " + setCookie.prefix { $0 != ";" }
            let path = "/v1/apps/\(server.stage.ownApp)"
            let body = #"{"labels":{"a":"b"}}"#
            let before = try await server.http(.deployer).get(path)["release"]
            for origin in [
                "https://evil.example", "null", "", "http://127.0.0.1:1", "http://127.0.0.1",
                "https://127.0.0.1:\(port)",
                "http://127.0.0.1:\(port).evil.example", "http://evil.example:\(port)", "http://localhost:\(port)",
                "http://127.0.0.1:\(port)@evil.example", "http://127.0.0.1:\(port), http://evil.example",
            ] {
                for method in ["PATCH", "DELETE"] {
                    let answer = try await server.send(method, path, [cookie, "Origin: \(origin)"], body: body)
                    #expect(answer.status == 403, "\(method) from \(origin): \(answer.text)")
                    #expect(answer.header("access-control-allow-origin") == nil)
                }
            }
            // Browsers send an origin with each change, or say that the page is this server's own.
            #expect(try await server.send("PATCH", path, [cookie], body: body).status == 403)
            let crossSite = [cookie, "Sec-Fetch-Site: cross-site"]
            #expect(try await server.send("PATCH", path, crossSite, body: body).status == 403)
            #expect(try await server.http(.deployer).get(path)["release"] == before)
            let own = [cookie, "Origin: http://127.0.0.1:\(port)"]
            #expect(try await server.send("PATCH", path, own, body: body).status == 200)
            // A form cannot send JSON.
            for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"] {
                let answer = try await server.send("PATCH", path, own + ["Content-Type: \(type)"], body: body)
                #expect(answer.status == 415, "\(type)")
            }
        }
    }

    @Test func `A request that only reads changes nothing, and no other origin may read the response`() async throws {
        try await AttackedServer.with(lab) { server in
            let (app, run) = (server.stage.ownApp, server.stage.ownRun)
            let before = try await server.admin.allRuns(on: "lab").count
            for path in ["/apps/run/\(app)", "/v1/runs/\(run)/stop", "/v1/runs/\(run)/kill", "/v1/hosts/lab/drain"] {
                for method in ["GET", "HEAD", "OPTIONS"] {
                    #expect(try await server.send(method, path, as: .admin).status == 405, "\(method) \(path)")
                }
            }
            let preflight = ["Origin: https://evil.example", "Access-Control-Request-Method: DELETE"]
            for (method, path) in [("OPTIONS", "/v1/apps/\(app)"), ("GET", "/v1/apps/\(app)"), ("GET", "/apps")] {
                let answer = try await server.send(method, path, as: .admin, preflight)
                #expect(!answer.headers.contains { $0.name.hasPrefix("access-control-") }, "\(method) \(path)")
            }
            #expect(try await server.admin.allRuns(on: "lab").count == before)
            #expect(try await server.admin.get("/v1/runs/\(run)")["state"] == "running")
        }
    }

    @Test func `A name that a page has pointed at this machine is refused on every route`() async throws {
        try await AttackedServer.with(lab) { server in
            let port = server.stage.port
            for host in [
                "evil.example", "evil.example:\(port)", "localhost.evil.example", "127.0.0.1.evil.example:\(port)",
                "127.0.0.1.", "127.0.0.1@evil.example", "0x7f000001:\(port)", "2130706433", "169.254.169.254", "",
                "127.0.0.1:\(port), evil.example", "[::2]:\(port)",
            ] {
                for path in ["/healthz", "/v1/runs", "/v1/events", "/apps", "/docs", "/openapi.json", "/nothing"] {
                    let answer = try await server.send("GET", path, as: .admin, ["Host: \(host)"])
                    #expect(answer.status == 421 || answer.status == 400, "\(host) \(path): \(answer.status)")
                }
            }
            let two = ["Host: 127.0.0.1:\(port)", "Host: evil.example"]
            #expect(try await server.send("GET", "/healthz", two).status == 400)
            #expect(try await server.send("GET", "/healthz", two.reversed()).status == 400)
            for host in ["127.0.0.1:\(port)", "localhost:\(port)", "[::1]:\(port)"] {
                #expect(try await server.send("GET", "/healthz", ["Host: \(host)"]).status == 200, "\(host)")
            }
        }
    }
}
