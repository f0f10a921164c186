import FoundationEssentials
import NIOHTTP1
import Testing

@testable import DockerEngine

/// The client's handling of answers that no engine would give, and of missing answers.
@Suite(.timeLimit(.minutes(5))) struct EngineTransportTests {
    @Test("An engine that accepts and never answers is timed out at the deadline")
    func silence() async throws {
        try await StubEngine.withEngine { _ in
            .hang
        } _: { engine, _ in
            let time = await ContinuousClock().measure {
                await #expect(throws: EngineError.timedOut(.milliseconds(100))) {
                    _ = try await engine.get("/info", deadline: .milliseconds(100)) as EngineInfo
                }
                await #expect(throws: EngineError.timedOut(.milliseconds(100))) {
                    try await engine.send(.DELETE, "/x", deadline: .milliseconds(100))
                }
            }
            #expect(time < .seconds(10))
        }
    }

    @Test("An engine that begins to answer and stops is timed out as well, and its connection is closed")
    func halfAnAnswer() async throws {
        let heads = [
            "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        ]
        for head in heads {
            try await StubEngine.withEngine { _ in
                .raw(head)
            } _: { engine, stub in
                await #expect(throws: EngineError.timedOut(.milliseconds(100))) {
                    _ = try await engine.get("/info", deadline: .milliseconds(100)) as EngineInfo
                }
                try await expectEventually { stub.openConnections == 0 }
            }
        }
    }

    @Test("An engine that drips its answer is timed out all the same")
    func drip() async throws {
        let answer = StubAnswer.chunked(Array(repeating: " ", count: 1000), pause: .milliseconds(20))
        try await StubEngine.withEngine { _ in
            answer
        } _: { engine, _ in
            await #expect(throws: EngineError.timedOut(.milliseconds(300))) {
                _ = try await engine.get("/info", deadline: .milliseconds(300)) as EngineInfo
            }
        }
    }

    @Test("An engine that closes without an answer is unreachable, and is not asked again")
    func closing() async throws {
        try await StubEngine.withEngine { _ in
            .close
        } _: { engine, stub in
            await expectUnreachable { _ = try await engine.info() }
            await expectUnreachable { try await engine.startContainer(try Sample.containerID) }
            #expect(stub.requests.map(\.method) == ["GET", "POST"])
        }
    }

    @Test("An answer that ends before its length is unreachable, not a short answer")
    func truncation() async throws {
        let whole = "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + Sample.info
        let chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" + Sample.info
        let noEnd = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"
        for text in [whole, chunk, noEnd, "HTTP/1.1 200 OK\r\nContent-Le"] {
            try await StubEngine.withEngine { _ in
                .raw(text, then: .closed)
            } _: { engine, _ in
                await expectUnreachable { _ = try await engine.info() }
            }
        }
    }

    @Test("A socket that is not there, or that nobody listens on, is unreachable", arguments: [true, false])
    func noSocket(isThere: Bool) async throws {
        let path = "/tmp/none-\(UUID().uuidString.prefix(8))"
        if isThere { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        defer { try? FileManager.default.removeItem(atPath: path) }
        // And not timed out, as it would be if connecting were retried repeatedly.
        await expectUnreachable {
            _ = try await EngineTransport.withUnixSocket(path) { try await Engine.negotiated(over: $0) }
        }
    }

    @Test(
        "What is not HTTP is undecodable",
        arguments: [
            "SSH-2.0-OpenSSH_9.2\r\n", "\u{0}\u{0}\u{0}\u{0}", "<html></html>\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n",
            "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n", "HTTP/1.1 200 OK\r\nA B: c\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        ]
    )
    func notHTTP(_ text: String) async throws {
        try await StubEngine.withEngine { _ in
            .raw(text, then: .closed)
        } _: { engine, _ in
            await expectUndecodable { _ = try await engine.info() }
        }
    }

    @Test(
        "Endless headers are undecodable, in bounded memory",
        arguments: [
            ("HTTP/1.1 200 OK\r\n", "X-A: \(String(repeating: "a", count: 1000))\r\n"),
            ("HTTP/1.1 200 OK\r\nX-A: ", "aaaaaaaaaa"),
            ("HTTP/1.1 200 OK\r\n", "aaaaaaaaaa"), ("HTTP/1.1 200 OK\r\n", "A:\r\n"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n"),
        ]
    )
    func endlessHeaders(start: String, repeated: String) async throws {
        let piece = Array(String(repeating: repeated, count: 10_000 / repeated.utf8.count).utf8)
        try await StubEngine.withEngine { _ in
            .raw(start, then: .endless(piece))
        } _: { engine, stub in
            await expectUndecodable { _ = try await engine.info() }
            #expect(stub.bytesSent < 8 << 20)
            try await expectEventually { stub.openConnections == 0 }
        }
    }

    @Test("Interim answers without end do not keep a call beyond its deadline")
    func endlessInterimAnswers() async throws {
        let interim = Array(String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: 100).utf8)
        try await StubEngine.withEngine { _ in
            .raw("", then: .endless(interim))
        } _: { engine, _ in
            let error = await #expect(throws: EngineError.self) {
                _ = try await engine.get("/info", deadline: .milliseconds(500)) as EngineInfo
            }
            #expect(error != .busy)
        }
    }

    @Test("A list of 10 GiB is undecodable before it is read")
    func announcedSize() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: \(10 << 30)\r\n\r\n["
        let piece = Array(repeating: UInt8(ascii: " "), count: 64 << 10)
        try await StubEngine.withEngine { _ in
            .raw(head, then: .endless(piece))
        } _: { engine, stub in
            await expectUndecodable { _ = try await engine.containers() }
            try await expectEventually { stub.openConnections == 0 }
            #expect(stub.bytesSent < 16 << 20)
        }
    }

    @Test("A list without end is undecodable, in bounded memory")
    func endlessBody() async throws {
        let piece = Array(repeating: UInt8(ascii: " "), count: 64 << 10)
        try await StubEngine.withEngine { _ in
            .endlessChunks(start: "[", of: piece)
        } _: { engine, stub in
            await expectUndecodable { _ = try await engine.info() }
            try await expectEventually { stub.openConnections == 0 }
            #expect(stub.bytesSent < 16 << 20)
            await expectUndecodable {
                _ = try await engine.get("/containers/json", maximumBytes: 1000) as [ContainerSummary]
            }
        }
    }

    @Test("Nor may an error be without end", arguments: [301, 404, 500])
    func endlessError(status: Int) async throws {
        let piece = Array(repeating: UInt8(ascii: "x"), count: 16 << 10)
        try await StubEngine.withEngine { _ in
            .endlessChunks(status: status, of: piece)
        } _: { engine, stub in
            await expectUndecodable { _ = try await engine.info() }
            await expectUndecodable { _ = try await engine.events(types: []) }
            try await expectEventually { stub.openConnections == 0 }
            #expect(stub.bytesSent < 8 << 20)
        }
    }

    @Test("JSON of depth 10,000 is undecodable, also as a line of a stream")
    func depth() async throws {
        let deep = #"{"x":"# + String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000) + "}"
        try await StubEngine.withEngine { _ in
            .chunked([deep + "\n"])
        } _: { engine, _ in
            await expectUndecodable { _ = try await engine.info() }
            await expectUndecodable { for try await _ in try await engine.events(types: []) {} }
        }
    }
}
