import DockerEngine
import NIOCore
import Testing

@testable import Berth

@Suite struct MergedLogTests {
    private func log(_ times: [Int64], isComplete: Bool = true) -> KeptLog {
        var log = KeptLog()
        for time in times {
            log.add(
                LogRecord(
                    time: LogTime(nanoseconds: time),
                    stream: .stdout,
                    message: ByteBuffer(string: "\(time)"),
                    isPartial: false
                )
            )
        }
        if !isComplete { log.addGap() }
        return log
    }

    private func run(_ letter: Character) -> RunName { RunName(recorded: "web-aaaaa\(letter)") }

    /// The times of records, and 0 for notices.
    private func times(_ items: [AppLogItem]) -> [Int64] { items.map { $0.position?.time.nanoseconds ?? 0 } }

    @Test func `A notice of missing output stands before the first record of its run`() {
        var merged = MergedLog(tail: nil)
        merged.add(log([5, 6], isComplete: false), of: run("a"))
        merged.add(log([1, 7]), of: run("b"))
        let items = merged.takeItems()
        #expect(times(items) == [1, 0, 5, 6, 7])
        #expect(items[1].run == run("a"))
    }

    @Test func `Who asks for a few lines gets no notice of the others`() {
        var merged = MergedLog(tail: 2)
        merged.add(log([5, 6], isComplete: false), of: run("a"))
        merged.add(log([1, 2]), of: run("b"))
        #expect(times(merged.takeItems()) == [5, 6])
    }

    @Test func `The number of records is limited, and the oldest are left out`() {
        var merged = MergedLog(tail: nil)
        for letter in "abcdefghijklmn" { merged.add(log(Array(1...4096)), of: run(letter)) }
        let items = merged.takeItems()
        #expect(items.count == MergedLog.maximumRecords + 1)
        #expect(items.first == AppLogItem(.gap, of: nil))
        #expect(times(items).last == 4096)
    }

    @Test func `What was received before is left out`() throws {
        var merged = MergedLog(tail: nil)
        merged.add(log([5, 5, 5, 6]), of: run("a"), after: LogPosition("5-1"))
        #expect(merged.takeItems().compactMap(\.position).map(\.description) == ["5-2", "6-0"])
    }
}
