import FoundationEssentials
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import DockerEngine

/// Hijacked connections to engines that behave in ways no real one does.
@Suite struct ExecTests {
    private static let container = ContainerID(String(repeating: "c0", count: 32))
    private static let id = String(repeating: "e0", count: 32)
    private static let upgraded = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
    /// "hi" on standard output, and "no" on standard error.
    private static let frames: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 2, 0x68, 0x69, 2, 0, 0, 0, 0, 0, 0, 2, 0x6E, 0x6F]

    /// The output of a command whose start is answered with `pieces`.
    private func output(
        _ pieces: [[UInt8]],
        _ ending: StubAnswer.Ending = .closed,
        hasTTY: Bool = false
    ) async throws -> [LogChunk] {
        var all: [LogChunk] = []
        try await StubEngine.withEngine { request in
            #expect(request.path == "/v1.41/exec/\(Self.id)/start")
            #expect(request.body.contains(#""Tty":\#(hasTTY)"#))
            return StubAnswer(pieces: pieces, ending: ending)
        } _: { engine, _ in
            let id = try #require(ExecID(Self.id))
            all = try await engine.startExec(id, hasTTY: hasTTY) { connection in
                var chunks: [LogChunk] = []
                for try await chunk in connection.output { chunks.append(chunk) }
                return chunks
            }
        }
        return all
    }

    @Test func `Output arrives however the network splits it`() async throws {
        let all = Array(Self.upgraded.utf8) + Self.frames
        for size in [1, 7, Self.upgraded.utf8.count, all.count] {
            let pieces = stride(from: 0, to: all.count, by: size).map { Array(all[$0..<min($0 + size, all.count)]) }
            let chunks = try await output(pieces)
            func text(_ stream: LogChunk.Stream) -> String {
                chunks.filter { $0.stream == stream }.map { String(buffer: $0.bytes) }.joined()
            }
            #expect(text(.stdout) == "hi")
            #expect(text(.stderr) == "no")
        }
    }

    @Test func `The output of a terminal has no frames`() async throws {
        let chunks = try await output([Array(Self.upgraded.utf8), Array("\u{1}$ ".utf8)], hasTTY: true)
        #expect(chunks.map { String(buffer: $0.bytes) }.joined() == "\u{1}$ ")
    }

    @Test func `An engine's refusal is its error`() async throws {
        let body = #"{"message":"Container is paused"}"#
        let answer = "HTTP/1.1 409 Conflict\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
        let error = await #expect(throws: EngineError.self) { try await output([Array(answer.utf8)], .open) }
        #expect(error == .status(409, message: "Container is paused"))
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n",
        "SSH-2.0-x\r\n",
        "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "",
    ])
    func `Any other response is an error`(answer: String) async throws {
        await #expect(throws: EngineError.self) { try await output([Array(answer.utf8)]) }
    }

    @Test func `An engine that breaks off, or that sends no frames, is an error`() async throws {
        for bytes in [Array(Self.frames.prefix(9)), Array(Self.frames.prefix(3)), [9, 0, 0, 0, 0, 0, 0, 1, 1]] {
            await #expect(throws: EngineError.self) { try await output([Array(Self.upgraded.utf8), bytes]) }
        }
    }

    @Test func `A frame that announces 4 GiB takes no memory for them`() async throws {
        let header: [UInt8] = [1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x68]
        await #expect(throws: EngineError.self) { try await output([Array(Self.upgraded.utf8), header]) }
    }

    @Test(arguments: ["", "HTTP/1.1 500 X\r\nContent-Length: 100\r\n\r\nno"])
    func `An engine that does not respond, or not to the end, is given up`(_ answer: String) async throws {
        try await StubEngine.with { _ in
            .raw(answer)
        } _: { transport, stub in
            await #expect(throws: EngineError.timedOut(.milliseconds(200))) {
                try await transport.hijack(
                    "/x",
                    body: .init(),
                    isFramed: true,
                    deadline: .milliseconds(200),
                    operation: "x"
                ) { _ in }
            }
            try await expectEventually { stub.openConnections == 0 }
        }
    }

    @Test func `A response that is neither a refusal nor an upgrade is not read to its end`() async throws {
        await #expect(throws: EngineError.undecodable("it did not switch to a stream (200)")) {
            try await output([Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nno".utf8)], .open)
        }
    }

    @Test func `A connection of a process is closed with its transport`() async throws {
        try await StubEngine.with { _ in
            .raw(Self.upgraded)
        } _: { _, stub in
            try await withDeadline(.seconds(30)) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    try await EngineTransport.withUnixSocket(stub.socketPath) { transport in
                        group.addTask {
                            try await transport.hijack(
                                "/x",
                                body: .init(),
                                isFramed: true,
                                deadline: .seconds(10),
                                operation: "x"
                            ) { connection in for try await _ in connection.output {} }
                        }
                        try await expectEventually { transport.hijacked.withLock { $0?.count } == 1 }
                    }
                    try await group.waitForAll()
                }
            }
            try await expectEventually { stub.openConnections == 0 }
        }
    }

    @Test func `A caller that is cancelled closes its connection`() async throws {
        try await StubEngine.withEngine { _ in
            StubAnswer(pieces: [Array(Self.upgraded.utf8)], ending: .open)
        } _: { engine, stub in
            let id = try #require(ExecID(Self.id))
            await #expect(throws: EngineError.timedOut(.milliseconds(300))) {
                try await withDeadline(.milliseconds(300)) {
                    try await engine.startExec(id, hasTTY: false) { connection in
                        for try await _ in connection.output {}
                        try Task.checkCancellation()
                    }
                }
            }
            try await expectEventually { stub.openConnections <= 1 }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `The connection of a process is closed with its transport`() async throws {
        @Sendable func read(over transport: EngineTransport) async throws {
            try await transport.hijack(
                "/x",
                body: .init(),
                isFramed: true,
                deadline: .seconds(30),
                operation: "x"
            ) { connection in
                for try await _ in connection.output {}
            }
        }
        try await StubEngine.with { _ in
            StubAnswer(pieces: [Array(Self.upgraded.utf8)], ending: .open)
        } _: { _, stub in
            let (transport, reading) = try await EngineTransport.withUnixSocket(stub.socketPath) { transport in
                let reading = Task { try await read(over: transport) }
                try await expectEventually { transport.hijacked.withLock { $0?.count == 1 } }
                return (transport, reading)
            }
            try await reading.value
            try await expectEventually { stub.openConnections == 0 }
            await #expect(throws: EngineError.unreachable("the connection was closed")) {
                try await read(over: transport)
            }
        }
    }

    @Test func `An id that is none is refused`() async throws {
        for id in ["../images/json", "", String(repeating: "E0", count: 32)] {
            try await StubEngine.withEngine { _ in
                .http(201, body: #"{"Id":"\#(id)"}"#)
            } _: { engine, _ in
                let container = try #require(Self.container)
                await #expect(throws: EngineError.self) {
                    try await engine.createExec(ExecSpec(command: ["true"]), in: container)
                }
            }
        }
    }
}
