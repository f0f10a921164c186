import DockerEngine
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Berth

@Suite struct ExecOutputTests {
    private func chunk(_ text: String) -> LogChunk { LogChunk(stream: .stdout, bytes: ByteBuffer(string: text)) }

    /// All items from `position` on, until `count` of them were read, or to the end.
    private func read(_ output: ExecOutput, after position: Int? = nil, count: Int = .max) async throws -> [ExecItem] {
        var all: [ExecItem] = []
        struct Enough: Error {}
        do {
            try await output.read(after: position) { items in
                all += items
                if all.count >= count { throw Enough() }
            }
        } catch is Enough {}
        return all
    }

    @Test func `A reader gets all output in order, and the end`() async throws {
        let output = ExecOutput()
        for text in ["a", "b", "c"] { try await output.append(chunk(text)) }
        output.finish(.exited(3))
        let items = try await read(output)
        #expect(
            items == [
                .output(chunk("a"), number: 1), .output(chunk("b"), number: 2), .output(chunk("c"), number: 3),
                .end(.exited(3)),
            ]
        )
    }

    @Test func `A reader that resumes gets what follows its position`() async throws {
        let output = ExecOutput()
        for text in ["a", "b", "c"] { try await output.append(chunk(text)) }
        #expect(try await read(output, count: 3).count == 3)
        output.finish(.exited(0))
        #expect(try await read(output, after: 2) == [.output(chunk("c"), number: 3), .end(.exited(0))])
        #expect(try await read(output, after: 3) == [.end(.exited(0))])
        #expect(try await read(output, after: 99) == [.end(.exited(0))])
        #expect(try await read(output, after: -1).count == 4)
    }

    @Test func `A command waits for its reader, and loses nothing`() async throws {
        let output = ExecOutput()
        let piece = String(repeating: "x", count: 10_000)
        let written = Mutex(0)
        async let all: Void = write(output) {
            for _ in 0..<1000 {
                try await output.append(self.chunk(piece))
                written.withLock { $0 += 1 }
            }
        }
        try await eventually("it waits") { written.withLock { $0 } >= 26 }
        try await Task.sleep(for: .milliseconds(100))
        #expect(written.withLock { $0 } <= 27)
        let items = try await read(output)
        #expect(items.count == 1001)
        #expect(!items.contains(.gap))
        try await all
        // About 1 MiB of the 10 MB is still there.
        for position in [nil, 0] { #expect(try await read(output, after: position).first == .gap) }
        let rest = try await read(output, after: 0)
        #expect((50...106).contains(rest.count))
    }

    private func write(_ output: ExecOutput, _ body: @Sendable () async throws -> Void) async throws {
        try await body()
        output.finish(.exited(0))
    }

    @Test func `A byte that arrived in a large buffer does not keep it`() async throws {
        let output = ExecOutput()
        let received = ByteBuffer(repeating: 0x78, count: 65_536)
        let byte = try #require(received.getSlice(at: 0, length: 1))
        #expect(byte.storageCapacity >= 65_536)
        try await output.append(LogChunk(stream: .stdout, bytes: byte))
        guard case .output(let chunk, _) = try await read(output, count: 1).first else {
            Issue.record("no output")
            return
        }
        #expect(chunk.bytes == byte)
        #expect(chunk.bytes.storageCapacity < 1024)
    }

    @Test func `A new reader takes the place of the one before`() async throws {
        let output = ExecOutput()
        try await output.append(chunk("a"))
        async let first = read(output)
        try await eventually("the first reads") { output.leftAt == nil }
        async let second = read(output)
        #expect(try await first.count <= 1)
        output.finish(.detached)
        #expect(try await second == [.output(chunk("a"), number: 1), .end(.detached)])
        #expect(output.leftAt != nil)
    }

    @Test func `A command that waits for its reader is cancelled with its session`() async throws {
        let output = ExecOutput()
        let piece = String(repeating: "x", count: 300_000)
        let chunk = chunk(piece)
        await #expect(throws: EngineError.timedOut(.milliseconds(50))) {
            try await withDeadline(.milliseconds(50)) { for _ in 0..<2 { try await output.append(chunk) } }
        }
    }
}
