import JSON
import TestSupport
import Testing

/// Client connections that close during a slow run.
@Suite(.serialized) struct ClientTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `A client that disconnects is no server error, and a half-closed connection gets its answer`()
        async throws
    {
        let lab = lab
        let app = freshName("app")
        try await BerthProcess.with(hosts: ["lab=\(lab.unixEndpoint)"]) { server in
            let http = server.client
            let port = try #require(http.url.split(separator: ":").last.flatMap { Int($0) })
            try await http.define(app)
            let name = try await http.run(app)
            let wait = "GET /v1/runs/\(name)/wait?timeout=600 HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let events = "GET /v1/events?app=\(app) HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let (served, followed) = (try RawStream(wait, port: port), try RawStream(events, port: port))
            _ = try await followed.read { $0.contains(": berth") }
            for stream in [served, followed] { stream.endSending() }
            let connections = try await connections(http)
            do {
                let left = [try RawStream(wait, port: port), try RawStream(events, port: port)]
                _ = try await left[1].read { $0.contains(": berth") }
            }
            try await eventually("it is noticed that the client has left") {
                server.log.contains(#"info Answered. error.code="client_closed_request""#)
            }
            try await eventually("only those are connected who are there") {
                try await self.connections(http) <= connections
            }
            #expect(try await http.post("/v1/runs/\(name)/stop").status == 200)
            #expect(try await served.read { $0.contains("exited") }.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(try await followed.read { $0.contains("exited") }.contains("event: run"))
            let metrics = try await http.get("/metrics").text
            #expect(metrics.contains(#"route="/v1/runs/{run}/wait",status="499"} 1"#))
            #expect(!metrics.contains(#"status="500""#))
            #expect(!server.log.contains(" error "))
        }
        try await lab.removeContainers(ofApp: app)
    }

    private func connections(_ http: HTTP) async throws -> Double {
        let lines = try await http.get("/metrics").text.split(separator: "\n")
        let line = lines.first { $0.hasPrefix("berth_http_connections ") }
        return try #require(line.flatMap { Double($0.split(separator: " ")[1]) })
    }
}
