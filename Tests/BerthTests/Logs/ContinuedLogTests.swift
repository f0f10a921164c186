import DockerEngine
import NIOCore
import Testing

@testable import Berth

@Suite struct ContinuedLogTests {
    private func record(_ time: Int64, _ text: String? = nil, stream: LogChunk.Stream = .stdout) -> LogRecord {
        LogRecord(
            time: LogTime(nanoseconds: time),
            stream: stream,
            message: ByteBuffer(string: text ?? "\(time)"),
            isPartial: false
        )
    }

    /// The messages of what is new, and `gap`.
    private func words(_ log: inout ContinuedLog, _ records: [LogRecord]) -> [String] {
        records.flatMap { log.add($0) }.map { item in
            if case .record(let record) = item { String(buffer: record.message) } else { "\(item)" }
        }
    }

    private func words(_ log: inout ContinuedLog, _ times: Int64...) -> [String] {
        words(&log, times.map { record($0) })
    }

    @Test func `A new stream begins with what was read last, which is left out`() {
        var log = ContinuedLog()
        log.beginStream()
        #expect(words(&log, 1, 2, 3) == ["1", "2", "3"])
        log.beginStream()
        #expect(log.restart == LogTime(nanoseconds: 3))
        #expect(words(&log, 3, 4) == ["4"])
        log.beginStream()
        #expect(words(&log, 5, 6) == ["gap", "5", "6"])
    }

    @Test func `The parts of a long line that are alike are all read, also over the end of a stream`() {
        var log = ContinuedLog()
        log.beginStream()
        let part = record(1, "x")
        #expect(words(&log, [part, part]) == ["x", "x"])
        log.beginStream()
        #expect(words(&log, [part, part, part, part]) == ["x", "x"])
        log.beginStream()
        #expect(words(&log, [part, part, part, part, part]) == ["x"])
    }

    @Test func `Where a stream jumps back, repeats are left out, and new records come after a gap`() {
        var log = ContinuedLog()
        log.beginStream()
        _ = words(&log, 1, 2, 3)
        #expect(words(&log, 2, 3, 4) == ["4"])
        #expect(words(&log, 0, 1, 2, 3, 4, 5) == ["gap", "0", "5"])
        // The clock was put back.
        #expect(words(&log, [record(2, "a"), record(3, "b"), record(3, "b")]) == ["gap", "a", "b", "b"])
        #expect(words(&log, 6) == ["6"])
    }

    @Test func `Records of the two streams may be out of order`() {
        var log = ContinuedLog()
        log.beginStream()
        let records = [record(2), record(1, stream: .stderr), record(4), record(3, stream: .stderr)]
        #expect(words(&log, records) == ["2", "1", "4", "3"])
        log.beginStream()
        #expect(words(&log, [records[2], records[3], record(5)]) == ["5"])
    }

    @Test func `Of a long log, the last records are recognized`() {
        var log = ContinuedLog()
        log.beginStream()
        let records = (1...5000).map { record($0) }
        #expect(words(&log, records).count == 5000)
        #expect(words(&log, Array(records[4000...])) == [])
        let again = words(&log, records)
        #expect(again.first == "gap")
        #expect(again.count(where: { $0 == "gap" }) == 1)
        #expect(words(&log, 5001) == ["5001"])
    }
}
