import FakeEngine
import HTTPTypes
import TestSupport
import Testing

@testable import Berth
@testable import BerthServer

@Suite(.timeLimit(.minutes(5))) struct ExecRoutesTests {
    /// Passes the path of a session.
    private func withSession(_ body: (RouterClient, String) async throws -> Void) async throws {
        try await withFakeEngine { client, _ in
            try await client.create("app")
            let run = try await client.send(.post, "/v1/apps/app/runs").texts("name")[0] ?? ""
            try await withTask {
                await client.platform.execs.sessions.run()
            } during: {
                let request = #"{"command":["cat"],"interactive":true}"#
                let created = try await client.send(.post, "/v1/runs/\(run)/exec", request)
                #expect(created.status == 201)
                try await body(client, try #require(created.headers[.location]))
            }
        }
    }

    @Test func `The output ends with its session, also for a request that has a body`() async throws {
        try await withSession { client, session in
            try await client.withServer { port in
                let head = "GET \(session)/output HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                let chunks = String(repeating: "1\r\nx\r\n", count: 100) + "0\r\n\r\n"
                let stream = try RawStream(head + chunks, port: port)
                _ = try await stream.read { $0.contains("\r\n\r\n") }
                #expect(try await client.send(.delete, session).status == 204)
                let all = try await stream.read { $0.hasSuffix("0\r\n\r\n") }
                #expect(all.contains(#""event":"detached""#))
                #expect(all.hasSuffix("0\r\n\r\n"))
            }
        }
    }

    @Test func `Input has its bytes, its end, and no more after that`() async throws {
        try await withSession { client, session in
            let bytes: HTTPFields = [.contentType: "application/octet-stream"]
            #expect(try await client.send(.post, session + "/input", "a", headers: bytes).status == 204)
            #expect(try await client.send(.get, session).text("state") == "running")
            #expect(try await client.send(.post, session + "/input?end=true", "b", headers: bytes).status == 204)
            let late = try await client.send(.post, session + "/input", "c", headers: bytes)
            try expectProblem(late, 409, "exec_ended")
            try await eventually("the command ends") {
                try await client.send(.get, session).text("state") == "exited"
            }
            try expectProblem(try await client.send(.post, session + "/resize", "{}"), 409, "exec_ended")
        }
    }

    @Test func `A head of the output takes no reader's place`() async throws {
        try await withSession { client, session in
            try await client.withServer { port in
                let stream = try RawStream("GET \(session)/output HTTP/1.1\r\nHost: localhost\r\n\r\n", port: port)
                _ = try await stream.read { $0.contains("\r\n\r\n") }
                let request = "HEAD \(session)/output HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                let head = try await RawConnection.answer(to: Array(request.utf8), port: port)
                #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(try await client.send(.delete, session).status == 204)
                let all = try await stream.read { $0.hasSuffix("0\r\n\r\n") }
                #expect(all.contains(#""event":"detached""#))
            }
        }
    }
}
