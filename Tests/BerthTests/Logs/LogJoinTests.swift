import DockerEngine
import NIOCore
import Testing

@testable import Berth

@Suite struct LogJoinTests {
    private func record(_ time: Int64, _ text: String = "") -> LogRecord {
        LogRecord(
            time: LogTime(nanoseconds: time),
            stream: .stdout,
            message: ByteBuffer(string: text),
            isPartial: false
        )
    }

    private func new(history: [LogRecord], before: [LogRecord] = [], later: [LogItem]) -> [LogItem] {
        var join = LogJoin()
        for record in history { join.add(record) }
        join.finish(after: before.map { .record($0) })
        return later.flatMap { join.next($0) }
    }

    @Test func `What follows the last record of the history is new`() {
        let items = (1...4).map { LogItem.record(record(Int64($0))) }
        #expect(new(history: [record(1), record(2)], later: items) == Array(items[2...]))
        #expect(
            new(history: [record(1), record(2)], before: [record(2)], later: Array(items[2...])) == Array(items[2...])
        )
        #expect(new(history: [], later: items) == items)
    }

    @Test func `After parts of a line that are alike, output goes on, with a notice if some of it is unknown`() {
        let parts = [record(1, "x"), record(1, "x"), record(1, "x")]
        let rest: [LogItem] = [.record(record(1, "end")), .record(record(2))]
        #expect(new(history: parts, before: parts, later: rest) == rest)
        #expect(new(history: parts, later: parts.map { .record($0) } + rest) == rest)
        // New output began with the last part.
        #expect(new(history: parts, before: [parts[0]], later: rest) == [.gap, rest[1]])
    }

    @Test func `A reader that lagged before the end of the history goes on with what is later`() {
        let items: [LogItem] = [.record(record(1)), .lagged(skipped: 5), .record(record(3)), .record(record(4))]
        #expect(new(history: [record(1), record(2)], later: items) == [.lagged(skipped: nil)] + items[2...])
    }
}
