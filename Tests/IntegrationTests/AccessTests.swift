import FoundationEssentials
import Glibc
import JSON
import Testing

/// Tokens of a real server, which is killed between the steps.
@Suite(.timeLimit(.minutes(5))) struct AccessTests {
    private static let hosts = ["local=unix:///nonexistent/docker.sock"]

    private func start<Result: Sendable>(
        in directory: String,
        at faultPoint: String? = nil,
        _ body: @escaping @Sendable (BerthProcess) async throws -> Result
    ) async throws -> Result {
        try await BerthProcess.with(
            hosts: Self.hosts,
            stateDirectory: directory,
            hasAuthentication: true,
            environment: faultPoint.map { ["BERTH_FAULT_POINT": $0] } ?? [:],
            body
        )
    }

    private func token(in directory: String) throws -> String {
        try #require(BerthProcess.adminToken(in: directory))
    }

    @Test func `The first token works as the documents say, and its file is its owner's`() async throws {
        try await withDirectory { directory in
            try await start(in: directory) { server in
                let file = directory + "/admin-token"
                var status = stat()
                #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600)
                #expect(server.log.contains(file) && !server.log.contains("berth_"))
                let script = "curl -sS -H \"Authorization: Bearer $(cat '\(file)')\" \(server.client.url)/v1/me"
                let me = try JSONReader.parse(Array(try await runTool("sh", "-c", script).utf8))
                #expect(me["name"].string == "admin" && me["role"].string == "admin")
                let anonymous = server.client.with(token: nil)
                #expect(try await anonymous.get("/v1/me").status == 401)
                #expect(try await anonymous.get("/v1/me").header("www-authenticate") == #"Bearer realm="berth""#)
                for path in ["/healthz", "/readyz", "/openapi.json", "/docs"] {
                    #expect(try await anonymous.get(path).status == 200, "\(path)")
                }
            }
        }
    }

    @Test func `Tokens, sessions and revocations outlive a killed server`() async throws {
        try await withDirectory { directory in
            let (made, cookie) = try await start(in: directory) { server in
                let made = try await server.client.post(
                    "/v1/tokens",
                    ["name": "ci", "role": "deployer", "apps": ["web-*"], "expires_in": 3600]
                )
                #expect(made.status == 201)
                let session = try await server.client.with(token: nil).post("/v1/session", ["token": made["token"]])
                server.send(SIGKILL)
                return (made, session.header("set-cookie")?.prefix { $0 != ";" })
            }
            let cookies = [("Cookie", String(try #require(cookie)))]
            let (id, text) = (made["id"].string, made["token"].string)
            let admin = try token(in: directory)
            try await start(in: directory) { server in
                #expect(try token(in: directory) == admin)
                #expect(try await server.client.get("/v1/tokens")["items"].elements.count == 2)
                let anonymous = server.client.with(token: nil)
                let logout = try await anonymous.post("/v1/apps", ["name": "web-1", "image": "a"], headers: cookies)
                #expect(logout.status == 403, "a cookie without the page's origin")
                let own = cookies + [("Origin", server.client.url)]
                let app: JSONValue = ["name": "web-1", "image": "a"]
                #expect(try await anonymous.post("/v1/apps", app, headers: own).status == 201)
                #expect(try await server.client.with(token: text).get("/v1/me")["name"].string == "ci")
                #expect(try await server.client.delete("/v1/tokens/\(id)").status == 204)
                server.send(SIGKILL)
            }
            try await start(in: directory) { server in
                #expect(
                    try await server.client.get("/v1/tokens")["items"].elements.map { $0["name"].string } == ["admin"]
                )
                #expect(try await server.client.with(token: text).get("/v1/me").status == 401)
                let own = cookies + [("Origin", server.client.url)]
                let app: JSONValue = ["name": "web-2", "image": "a"]
                let late = try await server.client.with(token: nil).post("/v1/apps", app, headers: own)
                #expect(late.status == 401)
            }
        }
    }

    @Test(arguments: ["before-admin-token-store", "after-admin-token-store"])
    func `A crash while the first token is made leaves exactly one, which works`(_ faultPoint: String) async throws {
        try await withDirectory { directory in
            await #expect(throws: (any Error).self) { try await start(in: directory, at: faultPoint) { _ in } }
            #expect(FileManager.default.fileExists(atPath: directory + "/admin-token.new"))
            let tokens = try await start(in: directory) { server in try await server.client.get("/v1/tokens") }
            #expect(tokens["items"].elements.count == 1)
            #expect(!FileManager.default.fileExists(atPath: directory + "/admin-token.new"))
        }
    }

    @Test func `The benchmark sends the token that it is given, or that of this machine's server`() async throws {
        try await withDirectory { directory in
            try await start(in: directory) { server in
                let url = server.client.url
                let none = try await runBerth("bench", "--server", url, "--state-dir", directory + "/none")
                #expect(none.isRefusal && none.error.contains("--token"), "\(none.error)")
                let wrong = try await runBerth("bench", "--server", url, "--state-dir", directory, "--token", "berth_x")
                #expect(wrong.isRefusal && wrong.error.contains("unauthenticated"), "\(wrong.error)")
                let made = try await server.client.post("/v1/tokens", ["name": "b", "role": "viewer"])["token"].string
                let variable = ["BERTH_TOKEN": made, "BERTH_STATE_DIR": directory + "/none"]
                for result in [
                    try await runBerth("bench", "--server", url, "--state-dir", directory),
                    try await runBerth("bench", "--server", url, environment: variable),
                ] {
                    // The token is accepted: the next obstacle is the host.
                    #expect(result.isRefusal && result.error.contains("the host local is"), "\(result.error)")
                }
            }
        }
    }
}
