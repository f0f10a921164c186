import FakeEngine
import HTTPTypes
import TestSupport
import Testing

@testable import Berth
@testable import BerthServer

/// The open requests of a token, over real connections.
@Suite(.timeLimit(.minutes(5))) struct RevocationTests {
    enum End: CaseIterable { case revoked, expired }

    private static func request(_ path: String, _ token: String) -> String {
        "GET \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n\r\n"
    }

    /// Runs `body` with an app's run, while the services of sessions and tokens run.
    private func withRun(_ body: (RouterClient, _ run: String, _ admin: String) async throws -> Void) async throws {
        try await withFakeEngine(hasAuthentication: true) { client, _ in
            let admin = try await client.token("root", .admin)
            let app = #"{"name":"web","image":"nginx"}"#
            #expect(try await client.send(.post, "/v1/apps", app, token: admin).status == 201)
            let started = try await client.send(.post, "/v1/apps/web/runs", token: admin)
            let run = try #require(try started.texts("name").first ?? nil)
            try await withTask {
                await client.platform.execs.sessions.run()
            } during: {
                try await withTask {
                    await client.platform.tokens.run()
                } during: {
                    try await body(client, run, admin)
                }
            }
        }
    }

    @Test(arguments: End.allCases)
    func `Events, a followed log, a wait and an exec session end within 5 s`(_ end: End) async throws {
        try await withRun { client, run, admin in
            let lifetime = end == .expired ? Duration.seconds(8) : nil
            let token = try await client.token("ci", .deployer, "web", lifetime: lifetime)
            let id = try #require(client.platform.tokens.principal(of: TokenText(token))?.id)
            let command = #"{"command":["cat"],"interactive":true}"#
            let opened = try await client.send(.post, "/v1/runs/\(run)/exec", command, token: token)
            let session = try #require(opened.headers[.location])
            try await client.withServer { port in
                let streams = try ["/v1/events", "/v1/runs/\(run)/logs?follow=true", "\(session)/output"].map {
                    try RawStream(Self.request($0, token), port: port)
                }
                for stream in streams {
                    let head = try await stream.read { $0.contains("\r\n\r\n") }
                    #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(head)")
                }
                let waiting = try RawStream(Self.request("/v1/runs/\(run)/wait?timeout=600", token), port: port)
                try await eventually("it waits") { client.platform.runs.withState { $0.watchers.count } == 1 }
                let other = try RawStream(Self.request("/v1/events", admin), port: port)
                _ = try await other.read { $0.contains(": berth\n\n") }
                let start = ContinuousClock.now
                if end == .revoked { try await client.platform.tokens.revoke(id) }
                for stream in streams + [waiting] { _ = try await stream.read { _ in false } }
                #expect(ContinuousClock.now - start < .promised(.seconds(5)) + (lifetime ?? .zero))
                #expect(try await waiting.read { _ in false } == "", "the wait has no response")
                try await eventually("nothing waits") { client.platform.runs.withState { $0.watchers.isEmpty } }
                try await eventually("the session is gone") {
                    try await client.send(.get, session, token: admin).status == 404
                }
                try expectProblem(try await client.send(.get, "/v1/me", token: token), 401, "unauthenticated")
                try await eventually("the events of another token go on") { client.platform.feed.readers == 1 }
            }
        }
    }

    @Test func `The connection of a revocation of one's own token is answered`() async throws {
        try await withRun { client, _, _ in
            let token = try await client.token("self", .admin)
            let id = try #require(client.platform.tokens.principal(of: TokenText(token))?.id)
            try await client.withServer { port in
                let head = "DELETE /v1/tokens/\(id) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                let answer = try await RawConnection.answer(
                    to: Array((head + "Authorization: Bearer \(token)\r\n\r\n").utf8),
                    port: port
                )
                #expect(answer.hasPrefix("HTTP/1.1 204 No Content\r\n"), "\(answer)")
            }
        }
    }

    @Test func `Events have the apps of a token alone, without values for a viewer, also after a reset`() async throws {
        let client = try await RouterClient(hasAuthentication: true)
        let admin = try await client.token("root", .admin)
        let viewer = try await client.token("eye", .viewer, "web-*")
        func create(_ name: String) async throws {
            let body = "{\"name\":\"\(name)\",\"image\":\"nginx\",\"variables\":{\"KEY\":\"canary\"}}"
            #expect(try await client.send(.post, "/v1/apps", body, token: admin).status == 201)
            _ = try await client.record(name, .running)
        }
        try await create("shop")
        try await create("web-1")
        try await client.withServer { port in
            let reset = Self.request("/v1/events", viewer).replacing("\r\n\r\n", with: "\r\nLast-Event-ID: x\r\n\r\n")
            let fresh = try RawStream(reset, port: port)
            let state = try await fresh.read { $0.contains("event: run\n") }
            let stream = try RawStream(Self.request("/v1/events", viewer), port: port)
            _ = try await stream.read { $0.contains(": berth\n\n") }
            for name in ["shop-2", "web-2"] {
                let body = "{\"name\":\"\(name)\",\"image\":\"nginx\",\"variables\":{\"KEY\":\"canary\"}}"
                #expect(try await client.send(.post, "/v1/apps", body, token: admin).status == 201)
                _ = try await client.send(.delete, "/v1/apps/\(name)", token: admin)
            }
            let changes = try await stream.read { $0.contains("event: app_deleted\ndata: {\"name\":\"web-2\"}") }
            for (text, app) in [(state, "web-1"), (changes, "web-2")] {
                #expect(text.contains(app) && text.contains("KEY"), "\(text)")
                #expect(!text.contains("shop") && !text.contains("canary"), "\(text)")
            }
        }
    }
}
