import NIOCore
import Testing

@testable import DockerEngine

@Suite struct LogFramesTests {
    private static let log: [UInt8] =
        frame(1, "out\n") + frame(2, "err: \u{1F433}\n") + frame(1, "") + frame(0, "in\n") + frame(2, "")
        + frame(1, String(repeating: "x", count: 300)) + frame(2, "\u{0}\u{1}\u{2}\u{0}\u{0}\u{0}\u{0}\u{4}end")

    @Test("A log reads the same wherever the network has cut it")
    func everyCut() throws {
        let whole = try contents(of: [Self.log])
        #expect(whole.map(\.bytes.count) == [4, 10, 3 + 300, 11])
        #expect(whole.map(\.stream) == [.stdout, .stderr, .stdout, .stderr])
        for cut in 1..<Self.log.count {
            let parts = [Array(Self.log[..<cut]), Array(Self.log[cut...])]
            #expect(try contents(of: parts) == whole, "cut at \(cut)")
        }
        #expect(try contents(of: Self.log.map { [$0] }) == whole)
        #expect(try contents(of: [[], Self.log, []]) == whole)
    }

    @Test("A log that ends anywhere but between two frames is undecodable")
    func everyTruncation() async throws {
        let ends = Set(frameEnds())
        for end in 0...Self.log.count {
            let bytes = Array(Self.log[..<end])
            if ends.contains(end) {
                _ = try contents(of: [bytes])
            } else {
                await expectUndecodable("ended at \(end)") { _ = try contents(of: [bytes]) }
            }
        }
    }

    @Test("A header of 4 GiB takes no memory, and what came of the frame is handed on")
    func hugeFrame() async throws {
        var frames = LogFrames(isFramed: true)
        frames.append(ByteBuffer(bytes: [1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF] + Array("hello".utf8)))
        let first = try #require(try frames.next())
        #expect(String(buffer: first.bytes) == "hello")
        #expect(first.bytes.storageCapacity < 1024)
        #expect(try frames.next() == nil)
        frames.append(ByteBuffer(string: " world"))
        #expect(try frames.next() == LogChunk(stream: .stdout, bytes: ByteBuffer(string: " world")))
        await expectUndecodable { try frames.finish() }
    }

    @Test("Memory does not grow with a frame that never ends")
    func endlessFrame() throws {
        var frames = LogFrames(isFramed: true)
        frames.append(ByteBuffer(bytes: [2, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]))
        let piece = ByteBuffer(repeating: 0x78, count: 64 << 10)
        for _ in 0..<1000 {
            frames.append(piece)
            let chunk = try #require(try frames.next())
            #expect(chunk.bytes.readableBytes == 64 << 10)
            #expect(chunk.bytes.storageCapacity <= 256 << 10)
        }
    }

    @Test("An error within the log is undecodable, and what came before it is not lost")
    func errorFrame() async throws {
        var frames = LogFrames(isFramed: true)
        frames.append(ByteBuffer(bytes: Self.frame(1, "last") + Self.frame(3, "log driver broke")))
        #expect(try frames.next() == LogChunk(stream: .stdout, bytes: ByteBuffer(string: "last"), endsFrame: true))
        await expectUndecodable { _ = try frames.next() }
    }

    @Test(
        "A header of another type, or with something in its zero bytes, is undecodable",
        arguments: [[9, 0, 0, 0], [4, 0, 0, 0], [255, 0, 0, 0], [1, 1, 0, 0], [1, 0, 0, 1], [0, 0, 0, 1]] as [[UInt8]]
    )
    func unknownType(_ start: [UInt8]) async {
        await expectUndecodable { _ = try contents(of: [start + [0, 0, 0, 1, 0x78]]) }
    }

    @Test("Text where frames should be, as after a change of the TTY, is undecodable and not a wait for more")
    func rawInsteadOfFrames() async {
        await expectUndecodable { _ = try contents(of: [Array("2024-05-01 hello\n".utf8)]) }
    }

    @Test("With a TTY the log is handed on as it is, even what looks like a header")
    func raw() throws {
        for step in [1, 7, 4096] {
            var frames = LogFrames(isFramed: false)
            let chunks = try frames.decodeAll(Self.log, by: step)
            #expect(chunks.flatMap { Array($0.bytes.readableBytesView) } == Self.log)
            #expect(chunks.allSatisfy { $0.stream == .stdout })
        }
    }

    @Test("Whether a log with times has frames is known from its first byte")
    func detection() throws {
        for step in [1, 4096] {
            var raw = LogFrames(isFramed: nil)
            let text = Array("2026-11-23T14:13:00.1Z hello\n".utf8)
            let chunks = try raw.decodeAll(text, by: step)
            #expect(chunks.flatMap { Array($0.bytes.readableBytesView) } == text)
            #expect(chunks.allSatisfy { !$0.isFramed && !$0.endsFrame })
            var framed = LogFrames(isFramed: nil)
            let frames = try framed.decodeAll(Self.log, by: step)
            #expect(frames.allSatisfy { $0.isFramed })
            let size = frames.reduce(0) { $0 + $1.bytes.readableBytes }
            #expect(size == 328)
        }
        var empty = LogFrames(isFramed: nil)
        #expect(try empty.next() == nil)
        try empty.finish()
    }

    /// The bytes of one stream until the other's begin.
    private struct Run: Equatable {
        let stream: LogChunk.Stream
        var bytes: [UInt8]
    }

    private func contents(of parts: [[UInt8]]) throws(EngineError) -> [Run] {
        var frames = LogFrames(isFramed: true)
        var runs: [Run] = []
        for part in parts {
            frames.append(ByteBuffer(bytes: part))
            while let chunk = try frames.next() { add(chunk, to: &runs) }
        }
        try frames.finish()
        return runs
    }

    private func add(_ chunk: LogChunk, to runs: inout [Run]) {
        let bytes = Array(chunk.bytes.readableBytesView)
        guard let last = runs.indices.last, runs[last].stream == chunk.stream else {
            return runs.append(Run(stream: chunk.stream, bytes: bytes))
        }
        runs[last].bytes += bytes
    }

    private func frameEnds() -> [Int] {
        var ends = [0]
        while let end = ends.last, end < Self.log.count {
            ends.append(end + 8 + Int(Self.log[end + 6]) * 256 + Int(Self.log[end + 7]))
        }
        return ends
    }

    static func frame(_ type: UInt8, _ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        return [type, 0, 0, 0, 0, 0, UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes
    }
}
