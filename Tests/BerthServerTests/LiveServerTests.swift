import Configuration
import Foundation
import Glibc
import Hummingbird
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@testable import BerthServer

/// Behaviour that only a real connection shows.
@Suite(.timeLimit(.minutes(5))) struct LiveServerTests {
    private func withServer(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let values: [AbsoluteConfigKey: ConfigValue] = [
                ["berth", "state-dir"]: .init(.string(directory), isSecret: false),
                ["berth", "log-level"]: "critical", ["berth", "no-auth"]: "true",
                ["berth", "hosts"]: .init(.stringArray(["local=unix:///nonexistent/docker.sock"]), isSecret: false),
            ]
            let server = try await Server.build(Settings(ConfigReader(provider: InMemoryProvider(values: values))))
            try await server.application(server.router, at: .hostname("127.0.0.1", port: 0)) { _ in }.test(.live) {
                client in
                try await body(try #require(client.port))
            }
        }
    }

    private func request(_ line: String, _ headers: [String] = [], _ body: String = "") -> [UInt8] {
        let head = ["\(line) HTTP/1.1", "Host: localhost", "Connection: close"] + headers
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }

    @Test func `A request over a connection gets the same answer as from the routes`() async throws {
        try await withServer { port in
            let answer = try await RawConnection.answer(to: request("GET /apps/"), port: port)
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n[]\n"))
            let body = #"{"name":"app","image":"nginx"}"#
            let headers = ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"]
            let created = try await RawConnection.answer(to: request("POST /apps", headers, body), port: port)
            #expect(created.hasPrefix("HTTP/1.1 201 Created\r\n"))
            #expect(created.lowercased().contains("\r\nlocation: /apps/app\r\n"))
        }
    }

    @Test func `A body that becomes invalid after its response ends its connection, and nothing else`() async throws {
        try await withServer { port in
            let head = "POST /nowhere HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            let stream = try RawStream(head + "1\r\na\r\n", port: port)
            let answer = try await stream.read { $0.hasSuffix("}\n") }
            #expect(answer.hasPrefix("HTTP/1.1 404 "))
            stream.send("no chunk\r\n")
            #expect(try await stream.read { _ in false } == answer)
            #expect(stream.isClosed)
            #expect(try await RawConnection.answer(to: request("GET /healthz"), port: port).hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test(arguments: ["/apps", "/apps/run/web", "/v1/runs/web-aaaaaa", "/nowhere"])
    func `A response to HEAD has no body, whatever its status`(path: String) async throws {
        try await withServer { port in
            let answer = try await RawConnection.answer(to: request("HEAD \(path)"), port: port)
            #expect(answer.hasPrefix("HTTP/1.1 "))
            #expect(answer.lowercased().contains("\r\ncontent-length: "))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func `Connections, bytes and invalid HTTP requests are counted`() async throws {
        try await withServer { port in
            let body = #"{"name":"app","image":"nginx"}"#
            let headers = ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"]
            let created = try await RawConnection.answer(to: request("POST /apps", headers, body), port: port)
            _ = try await RawConnection.answer(to: request("POST /apps", ["Content-Length: x"]), port: port)
            let sent = created.components(separatedBy: "\r\n\r\n").last?.utf8.count ?? 0
            let metrics = try await RawConnection.answer(to: request("GET /metrics"), port: port)
            #expect(metrics.contains("\nberth_http_received_bytes_total \(body.utf8.count)\n"))
            let malformed = #"berth_http_requests_total{method="other",route="malformed",status="400"} 1"#
            #expect(metrics.contains("\n\(malformed)\n"))
            let counted = metrics.split(separator: "\n").first { $0.hasPrefix("berth_http_sent_bytes_total ") }
            #expect(try #require(counted.flatMap { Int($0.split(separator: " ")[1]) }) > sent && sent > 0)
            try await eventually("no connection is left but this one and that of the test's client") {
                try await RawConnection.answer(to: request("GET /metrics"), port: port)
                    .contains("\nberth_http_connections 2.0\n")
            }
        }
    }

    @Test(
        arguments: [
            ("POST /apps", ["Content-Length: 2", "Content-Length: 3"], "{}"),
            ("GET /apps", ["Host: evil.example.org"], ""), ("GET /apps", ["host: localhost"], ""),
            ("GET /nowhere", ["HOST:"], ""),
            ("POST /apps", ["Content-Length: 2", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
            ("POST /apps", ["Content-Length: x"], ""),
            ("POST /apps", ["Content-Length: -1"], ""),
            ("BREW /apps", [], ""),
            ("GET /apps", ["X: \u{1}"], ""),
            ("GET /apps", ["No colon"], ""),
            ("GET /apps", ["X y: 1"], ""),
            ("GET /apps", ["X: " + String(repeating: "a", count: 200_000)], ""),
            ("GET", [], ""),
        ] as [(String, [String], String)]
    )
    func `An invalid HTTP request is answered with a problem, and the server continues`(
        _ line: String,
        _ headers: [String],
        _ body: String
    ) async throws {
        try await withServer { port in
            let answer = try await RawConnection.answer(to: request(line, headers, body), port: port)
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"), "\(answer.prefix(300))")
            #expect(answer.lowercased().contains("content-type: application/problem+json\r\n"))
            #expect(answer.contains("\"code\":\"malformed_request\""))
            #expect(answer.lowercased().contains("\r\nserver-timing: store;dur=0.000, transport;"))
            #expect(answer.ranges(of: #/HTTP/1\.1 \d{3} /#).count == 1)
            let next = try await RawConnection.answer(to: request("GET /healthz"), port: port)
            #expect(next.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test(arguments: ["\0\0\0\0", "\u{16}\u{3}\u{1}\u{2}\0", "\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "", "SSH-2.0-x\r\n"])
    func `Bytes of other protocols do no harm`(_ text: String) async throws {
        try await withServer { port in
            let bytes = Array(text.utf8) + request("GET /healthz")
            _ = try await RawConnection.answer(to: bytes, port: port)
            let next = try await RawConnection.answer(to: request("GET /healthz"), port: port)
            #expect(next.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test func `A body above 1 MiB is refused, with a declared length or in chunks`() async throws {
        try await withServer { port in
            let json = "Content-Type: application/json"
            let large = String(repeating: " ", count: 2 << 20)
            let said = try await RawConnection.answer(
                to: request("POST /apps", [json, "Content-Length: \(large.utf8.count)"], large),
                port: port
            )
            #expect(said.isEmpty || said.hasPrefix("HTTP/1.1 413 "), "\(said.prefix(200))")
            let waiting = try await RawConnection.answer(
                to: request("POST /apps", [json, "Content-Length: \(large.utf8.count)"]),
                port: port
            )
            #expect(waiting.hasPrefix("HTTP/1.1 413 "), "\(waiting.prefix(200))")
            let chunks = String(large.utf8.count, radix: 16) + "\r\n" + large + "\r\n0\r\n\r\n"
            let sent = try await RawConnection.answer(
                to: request("POST /apps", [json, "Transfer-Encoding: chunked"], chunks),
                port: port
            )
            #expect(sent.isEmpty || sent.hasPrefix("HTTP/1.1 413 "), "\(sent.prefix(200))")
            let next = try await RawConnection.answer(to: request("GET /apps"), port: port)
            #expect(next.hasSuffix("[]\n"))
        }
    }

    @Test(arguments: ["", "Connection: keep-alive\r\n"])
    func `An HTTP 1.0 client gets a readable answer, on a connection kept open only on request`(
        _ header: String
    ) async throws {
        try await withServer { port in
            let list = "GET /apps/ HTTP/1.0\r\nHost: localhost\r\n\(header)\r\n"
            let stream = try RawStream(list, port: port)
            let first = try await stream.read { $0.hasSuffix("[]\n") }
            #expect(first.hasPrefix("HTTP/1.0 200 OK\r\n"), "\(first)")
            #expect(first.contains(header.isEmpty ? "connection: close\r\n" : "connection: keep-alive\r\n"))
            stream.send("GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            let both = try await stream.read { _ in false }
            #expect(both.ranges(of: "HTTP/1.0 200 OK").count == (header.isEmpty ? 1 : 2))
            let events = try RawStream("GET /v1/events HTTP/1.0\r\nHost: localhost\r\n\(header)\r\n", port: port)
            let text = try await events.read { $0.contains(": berth\n\n") }
            #expect(text.contains("\r\n\r\n: berth\n\n") && !text.lowercased().contains("chunked"), "\(text)")
            #expect(text.contains("connection: close\r\n") || text.contains("Connection: close\r\n"))
        }
    }

    @Test(arguments: ["Close", "close, TE", "TE, CLOSE"])
    func `A connection is closed in each form in which a client can ask for it`(_ value: String) async throws {
        try await withServer { port in
            let request = "GET /apps/ HTTP/1.1\r\nHost: localhost\r\nConnection: \(value)\r\n\r\n"
            let took = try await ContinuousClock().measure {
                _ = try await RawConnection.answer(to: Array(request.utf8), port: port)
            }
            // Otherwise the client would be the first to time out, after 5 s.
            #expect(took < .seconds(4))
        }
    }

    @Test func `A client that expects 100 Continue gets it, and only if the body is wanted`() async throws {
        try await withServer { port in
            let body = #"{"name":"app","image":"nginx"}"#
            func head(_ line: String, _ type: String = "application/json", _ length: Int = body.utf8.count) -> String {
                "\(line) HTTP/1.1\r\nHost: localhost\r\nExpect: 100-Continue\r\nContent-Type: \(type)\r\n"
                    + "Content-Length: \(length)\r\n\r\n"
            }
            let created = try RawStream(head("POST /apps/"), port: port)
            #expect(try await created.read { $0.contains("\r\n\r\n") } == "HTTP/1.1 100 Continue\r\n\r\n")
            created.send(body)
            #expect(try await created.read { $0.contains("\"app\"") }.contains("HTTP/1.1 201 Created\r\n"))
            for (refused, status) in [
                (head("POST /nowhere"), 404), (head("PATCH /apps/"), 405), (head("POST /apps/?a=b"), 422),
                (head("POST /apps/", "text/plain"), 415), (head("POST /apps/", "application/json", 2 << 20), 413),
            ] {
                let answer = try await RawConnection.answer(to: Array(refused.utf8), port: port)
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer.prefix(100))")
                #expect(answer.lowercased().contains("connection: close\r\n"))
            }
        }
    }

    @Test(arguments: ["Content-Length: 100\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n1e\r\n"])
    func `A body that ends too early is refused`(_ framing: String) async throws {
        try await withServer { port in
            let head = "POST /apps/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            let stream = try RawStream(head + framing + #"{"name":"app","image":"nginx"}"#, port: port)
            stream.endSending()
            let answer = try await stream.read { _ in false }
            #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains("malformed_request"), "\(answer)")
            #expect(answer.ranges(of: #/HTTP/1\.1 \d{3} /#).count == 1)
            #expect(try await RawConnection.answer(to: request("GET /apps/"), port: port).hasSuffix("[]\n"))
        }
    }

    @Test func `A body with a content encoding is refused for that`() async throws {
        try await withServer { port in
            let body = #"{"name":"app","image":"nginx"}"#
            for (encoding, status) in [("gzip", 415), ("br", 415), ("identity", 201)] {
                let headers = [
                    "Content-Type: application/json", "Content-Length: \(body.utf8.count)",
                    "Content-Encoding: \(encoding)",
                ]
                let answer = try await RawConnection.answer(to: request("POST /apps/", headers, body), port: port)
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
                #expect(answer.contains("Content-Encoding") == (status == 415))
            }
        }
    }

    @Test func `A host name other than loopback's is misdirected`() async throws {
        try await withServer { port in
            for head in [
                "GET /apps HTTP/1.1\r\nHost: evil.example.org\r\nConnection: close\r\n\r\n",
                "GET /apps HTTP/1.0\r\nConnection: close\r\n\r\n",
            ] {
                let answer = try await RawConnection.answer(to: Array(head.utf8), port: port)
                #expect(answer.hasPrefix("HTTP/1.1 421 ") || answer.hasPrefix("HTTP/1.0 421 "), "\(answer.prefix(200))")
            }
        }
    }

    @Test func `A response header never contains control characters or spaces from a client's id`() async throws {
        try await withServer { port in
            let answer = try await RawConnection.answer(
                to: request("GET /healthz", ["X-Request-Id: a b\u{85}"]),
                port: port
            )
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(!answer.contains("a b"))
        }
    }

    @Test func `A second server on the same state is refused`() async throws {
        try await withTemporaryDirectory { directory in
            let values: [AbsoluteConfigKey: ConfigValue] = [
                ["berth", "state-dir"]: .init(.string(directory), isSecret: false), ["berth", "log-level"]: "critical",
            ]
            let settings = try Settings(ConfigReader(provider: InMemoryProvider(values: values)))
            let first = try await Server.build(settings)
            await #expect(throws: (any Error).self) { try await Server.build(settings) }
            withExtendedLifetime(first) {}
        }
    }
}
