import DockerEngine
import NIOCore
import Testing

@testable import Berth

@Suite struct LogLinesTests {
    private static let time = "2026-11-23T14:13:00.123456789Z"

    private struct Seen: Equatable, CustomStringConvertible {
        let message: String
        let isPartial: Bool

        var description: String { message + (isPartial ? "…" : "") }
    }

    private func read(_ chunks: [LogChunk], isFramed: Bool) -> [LogRecord] {
        var lines = LogLines()
        let chunks = chunks.map {
            LogChunk(stream: $0.stream, bytes: $0.bytes, isFramed: isFramed, endsFrame: $0.endsFrame)
        }
        return chunks.flatMap { lines.append($0) } + lines.finish()
    }

    private func seen(_ records: [LogRecord]) -> [Seen] {
        records.map { Seen(message: String(buffer: $0.message), isPartial: $0.isPartial) }
    }

    private func frame(_ text: String, _ stream: LogChunk.Stream = .stdout) -> LogChunk {
        LogChunk(stream: stream, bytes: ByteBuffer(string: text), endsFrame: true)
    }

    @Test func `A frame is a record with its time, its stream and its message without the newline`() throws {
        let records = read([frame("\(Self.time) one\n"), frame("\(Self.time) two\n", .stderr)], isFramed: true)
        #expect(seen(records) == [Seen(message: "one", isPartial: false), Seen(message: "two", isPartial: false)])
        #expect(records.map(\.stream) == [.stdout, .stderr])
        #expect(records.allSatisfy { $0.time.description == Self.time })
    }

    @Test func `A frame without a newline is a part, and an empty line is a message`() {
        let chunks = [frame("\(Self.time) part"), frame("\(Self.time) rest\n"), frame("\(Self.time) \n")]
        #expect(
            seen(read(chunks, isFramed: true)) == [
                Seen(message: "part", isPartial: true), Seen(message: "rest", isPartial: false),
                Seen(message: "", isPartial: false),
            ]
        )
    }

    @Test func `A frame that arrives in pieces is one record, beside the other stream's`() {
        let chunks = [
            LogChunk(stream: .stdout, bytes: ByteBuffer(string: String(Self.time.prefix(9)))),
            frame("\(Self.time) error\n", .stderr),
            LogChunk(stream: .stdout, bytes: ByteBuffer(string: Self.time.dropFirst(9) + " he")), frame("llo\n"),
        ]
        #expect(
            seen(read(chunks, isFramed: true)) == [
                Seen(message: "error", isPartial: false), Seen(message: "hello", isPartial: false),
            ]
        )
    }

    @Test func `A frame that never ends is cut into parts of 64 KiB`() {
        var lines = LogLines()
        var count = 0
        _ = lines.append(LogChunk(stream: .stdout, bytes: ByteBuffer(string: Self.time + " ")))
        for _ in 0..<100 {
            let records = lines.append(LogChunk(stream: .stdout, bytes: ByteBuffer(repeating: 0x78, count: 64 << 10)))
            #expect(records.allSatisfy { $0.isPartial && $0.message.readableBytes == 64 << 10 })
            #expect(records.allSatisfy { $0.time.description == Self.time })
            count += records.count
        }
        #expect(count >= 98)
    }

    @Test(arguments: [1, 2, 7, 64, 100_000])
    func `With a TTY each line is a record, wherever the network split it`(step: Int) {
        let text = "\(Self.time) one\r\n\(Self.time) \n\(Self.time) three\n"
        let bytes = Array(text.utf8)
        let chunks = stride(from: 0, to: bytes.count, by: step).map { start in
            LogChunk(stream: .stdout, bytes: ByteBuffer(bytes: bytes[start..<min(start + step, bytes.count)]))
        }
        #expect(seen(read(chunks, isFramed: false)).map(\.message) == ["one\r", "", "three"])
    }

    @Test func `With a TTY a long line is read in the engine's parts of 16 KiB, without their times`() {
        let part = String(repeating: "x", count: 16 << 10)
        let text = "\(Self.time) \(part)\(Self.time) \(part)\(Self.time) end\n"
        let records = read([LogChunk(stream: .stdout, bytes: ByteBuffer(string: text))], isFramed: false)
        #expect(
            seen(records) == [
                Seen(message: part, isPartial: true), Seen(message: part, isPartial: true),
                Seen(message: "end", isPartial: false),
            ]
        )
    }

    @Test func `A log that ends within a line keeps the rest as a part`() {
        let chunk = LogChunk(stream: .stdout, bytes: ByteBuffer(string: "\(Self.time) cut off"))
        #expect(seen(read([chunk], isFramed: false)) == [Seen(message: "cut off", isPartial: true)])
    }

    @Test func `Without a time a message is kept whole`() {
        #expect(seen(read([frame("no time\n")], isFramed: true)) == [Seen(message: "no time", isPartial: false)])
        #expect(seen(read([frame("\n")], isFramed: true)) == [Seen(message: "", isPartial: false)])
    }
}

@Suite struct LogTimeTests {
    @Test(
        arguments: [
            ("2026-11-23T14:13:00.123456789Z", "2026-11-23T14:13:00.123456789Z"),
            ("2026-11-23T14:13:00Z", "2026-11-23T14:13:00.000000000Z"),
            ("2026-11-23T16:13:00.5+02:00", "2026-11-23T14:13:00.500000000Z"),
            ("1970-01-01T00:00:00.000000001Z", "1970-01-01T00:00:00.000000001Z"),
        ]
    )
    func `A time is read with any offset and fraction, and written in UTC`(text: String, shown: String) throws {
        #expect(try #require(LogTime(rfc3339: text)).description == shown)
    }

    @Test(
        arguments: [
            "", "now", "2026-11-23", "2026-13-23T14:13:00Z", "2026-11-23T24:13:00Z", "2026-11-23T14:13:00",
            "2026-11-23T14:13:00.Z", "2026-11-23T14:13:00Z ", "2026-11-23T14:13:00+2:00",
        ]
    )
    func `Any other text is no time`(text: String) { #expect(LogTime(rfc3339: text) == nil) }

    @Test func `An engine gets seconds with nine digits`() {
        #expect(LogTime(nanoseconds: 1_500_000_001).seconds == "1.500000001")
    }

    @Test func `A time that an engine reports may be far away`() throws {
        let far = try #require(Timestamp(engineTime: "9999-12-31T23:59:59Z"))
        #expect(LogTime(far) == LogTime(nanoseconds: .max))
        #expect(LogTime(Timestamp(milliseconds: .min)) == LogTime(nanoseconds: .min))
        #expect(LogTime(far).advanced(by: .seconds(1)) == LogTime(nanoseconds: .max))
    }
}
