import AsyncHTTPClient
import DockerEngine
import FoundationEssentials
import JSON
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import TestSupport
import Testing

/// What clients on other machines meet: TLS, HTTP/2, and limits on connections.
@Suite(.serialized) struct NetworkTests {
    @Test func `Over TLS a client gets HTTP/2, or HTTP/1.1 if it does not know that`() async throws {
        try await withServer { server, certificate in
            #expect(server.client.url.hasPrefix("https://127.0.0.1:"))
            for (version, used) in [("--http2", "2"), ("--http1.1", "1.1")] {
                let answer = try await curl(version, certificate, server, "/healthz", "-w", "%{http_version}")
                #expect(answer == "{\"status\":\"ok\"}\n\(used)")
            }
            // The server refuses TLS 1.1. At its usual security level, the client itself would not offer it.
            let old = ["--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"]
            let refusal = await #expect(throws: LabError.self) {
                try await curl("--http1.1", certificate, server, "/healthz", old[0], old[1], old[2], old[3])
            }
            #expect(refusal?.description.contains("protocol version") == true, "\(String(describing: refusal))")
            let app = #"{"name":"app","image":"busybox"}"#
            let headers = try await curl(
                "--http2",
                certificate,
                server,
                "/apps/",
                "-D",
                "-",
                "-H",
                "Expect: 100-continue",
                "-d",
                app,
                "-H",
                "Content-Type: application/json"
            )
            #expect(headers.contains("HTTP/2 201"), "\(headers)")
            #expect(headers.contains("strict-transport-security: max-age="))
            #expect(!headers.contains("connection:"))
        }
    }

    @Test func `Over HTTP/2, a stream ends when its client cancels it, and others on its connection go on`()
        async throws
    {
        try await withServer { server, certificate in
            try await withClient(certificate) { client in
                let url = server.client.url
                for _ in 0..<3 {
                    let stream = try await client.execute(
                        HTTPClientRequest(url: url + "/v1/events"),
                        timeout: .seconds(60)
                    )
                    #expect(stream.version == .http2)
                    #expect(stream.headers["connection"].isEmpty)
                    var bytes = stream.body.makeAsyncIterator()
                    #expect(try await bytes.next().map { String(buffer: $0) } == ": berth\n\n")
                    let other = try await client.execute(
                        HTTPClientRequest(url: url + "/healthz"),
                        timeout: .seconds(60)
                    )
                    #expect(other.status == .ok)
                }
                // Releasing a body that is not read to its end resets its stream.
                try await eventually("no stream is open") {
                    let answer = try await client.execute(
                        HTTPClientRequest(url: url + "/metrics"),
                        timeout: .seconds(60)
                    )
                    let text = String(buffer: try await answer.body.collect(upTo: 1 << 20))
                    return text.contains("\nberth_event_streams 0.0\n")
                }
            }
        }
    }

    @Test func `A request whose body is refused over HTTP/2 gets its response`() async throws {
        try await withServer { server, certificate in
            try await withDirectory { directory in
                try Data(count: 8 << 20).write(to: URL(filePath: directory + "/body"))
                let status = try await curl(
                    "--http2",
                    certificate,
                    server,
                    "/apps/",
                    "-o",
                    "/dev/null",
                    "-w",
                    "%{http_code}",
                    "-H",
                    "Content-Type: application/json",
                    "--data-binary",
                    "@\(directory)/body"
                )
                #expect(status == "413")
                #expect(try await curl("--http2", certificate, server, "/healthz") == #"{"status":"ok"}"#)
            }
        }
    }

    @Test func `A new certificate is used without a restart, and a broken one is not`() async throws {
        try await withServer { server, certificate in
            try await withClient(certificate) { old in
                let health = HTTPClientRequest(url: server.client.url + "/healthz")
                #expect(try await old.execute(health, timeout: .seconds(60)).status == .ok)
                try "no certificate".write(toFile: certificate, atomically: true, encoding: .utf8)
                try await eventually("the broken certificate is found") {
                    server.log.contains("--tls-certificate: \(certificate) must hold certificates as PEM")
                }
                try await Task.sleep(for: .seconds(12))
                #expect(server.log.ranges(of: "The certificate in use is kept").count == 1)
                #expect(try await old.execute(health, timeout: .seconds(60)).status == .ok)
                try await makeCertificate(certificate)
                let began = ContinuousClock.now
                try await eventually("the new certificate is used") {
                    (try? await curl("--http2", certificate, server, "/healthz")) != nil
                }
                #expect(ContinuousClock.now - began < .promised(.seconds(30)))
                // On the connection that was open before.
                #expect(try await old.execute(health, timeout: .seconds(60)).status == .ok)
            }
        }
    }

    @Test func `With few descriptors new connections are refused, old ones are kept, and the server recovers`()
        async throws
    {
        ResourceLimits.raiseOpenFiles()
        try await BerthProcess.with(
            hosts: ["none=unix:///run/no.sock"],
            launcher: ["prlimit", "--nofile=256:256"]
        ) { server in
            let port = try #require(server.client.url.split(separator: ":").last.flatMap { Int($0) })
            let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let kept = try RawStream(request, port: port)
            _ = try await kept.read { $0.contains("ok") }
            var others: [RawStream] = []
            for _ in 0..<1000 { others.append(try RawStream("", port: port)) }
            let closing = Array((request.dropLast() + "Connection: close\r\n\r\n").utf8)
            #expect(try await RawConnection.answer(to: closing, port: port).isEmpty)
            kept.send(request)
            let both = try await kept.read { $0.ranges(of: "\"ok\"").count == 2 }
            #expect(both.ranges(of: "HTTP/1.1 200 OK").count == 2)
            #expect(server.log.contains("Connections are refused"))
            others = []
            try await eventually("new connections are accepted again") {
                try await RawConnection.answer(to: closing, port: port).contains("200 OK")
            }
            #expect(server.isRunning)
        }
    }

    @Test func `A client that stands still in its head or its body is cut off`() async throws {
        try await BerthProcess.with(hosts: ["none=unix:///run/no.sock"]) { server in
            let port = try #require(server.client.url.split(separator: ":").last.flatMap { Int($0) })
            let head = "POST /apps/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            let began = ContinuousClock.now
            let slow = [head, head + "Content-Length: 10\r\n\r\n{", ""].map { text in
                Task {
                    let stream = try RawStream(text, port: port)
                    // A read ends after 30 s without a byte.
                    repeat { _ = try await stream.read { _ in false } } while !stream.isClosed
                    return ContinuousClock.now - began
                }
            }
            for task in slow {
                let took = try await task.value
                #expect(took > .seconds(55) && took < .promised(.seconds(62)), "\(took)")
            }
        }
    }
}

// The server with TLS, and its clients.
extension NetworkTests {
    /// - Parameter body: gets the server, and the file of its certificate, which is its own authority.
    private func withServer(_ body: @escaping @Sendable (BerthProcess, String) async throws -> Void) async throws {
        try await withDirectory { directory in
            let certificate = directory + "/certificate.pem"
            try await makeCertificate(certificate)
            let options = ["--tls-certificate", certificate, "--tls-key", certificate + ".key"]
            try await BerthProcess.with(hosts: ["none=unix:///run/no.sock"], options: options) { server in
                try await body(server, certificate)
            }
        }
    }

    /// Makes the file and that of its key, `….key`.
    private func makeCertificate(_ file: String) async throws {
        try await runTool(
            "openssl",
            arguments: [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                "/CN=server", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", file + ".key", "-out", file,
            ]
        )
    }

    private func curl(
        _ version: String,
        _ certificate: String,
        _ server: BerthProcess,
        _ path: String,
        _ options: String...
    ) async throws -> String {
        try await runTool(
            "curl",
            arguments: ["-sS", "--max-time", "60", "--cacert", certificate, version] + options
                + [server.client.url + path]
        )
    }

    private func withClient<Result>(
        _ certificate: String,
        _ body: (HTTPClient) async throws -> Result
    ) async throws -> Result {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(certificate)
        let client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            configuration: .init(tlsConfiguration: tls)
        )
        do {
            let result = try await body(client)
            try await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }
}
