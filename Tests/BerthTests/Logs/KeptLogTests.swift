import DockerEngine
import NIOCore
import Testing

@testable import Berth
@testable import SQL

@Suite struct KeptLogTests {
    private func record(
        _ time: Int64,
        _ message: String,
        isPartial: Bool = false,
        stream: LogChunk.Stream = .stdout
    ) -> LogRecord {
        LogRecord(
            time: LogTime(nanoseconds: time),
            stream: stream,
            message: ByteBuffer(string: message),
            isPartial: isPartial
        )
    }

    private func log(_ records: [LogRecord]) -> KeptLog {
        var log = KeptLog()
        for record in records { log.add(record) }
        log.trim()
        return log
    }

    @Test func `A short log is kept whole`() {
        let records = [record(1, "one"), record(2, ""), record(3, "three", stream: .stderr)]
        #expect(log(records).records == records)
        #expect(log(records).isComplete)
    }

    @Test func `Of a long log the last 64 KiB are kept, from the beginning of a line`() {
        let line = String(repeating: "x", count: 1023)
        let kept = log((1...1000).map { record($0, line) })
        #expect(kept.records.count == 64)
        #expect(kept.records.first?.time.nanoseconds == 937)
        #expect(!kept.isComplete)
    }

    @Test func `Of a log with many short lines the last 4,096 are kept`() {
        let kept = log((1...10_000).map { record($0, "") })
        #expect(kept.records.count == 4096)
        #expect(kept.records.last?.time.nanoseconds == 10_000)
        #expect(!kept.isComplete)
    }

    @Test func `A log is not cut within a line that has a beginning`() {
        let part = String(repeating: "x", count: 40 << 10)
        let kept = log([record(1, part, isPartial: true), record(2, part), record(3, "end")])
        #expect(kept.records == [record(3, "end")])
        let huge = log((1...10).map { record($0, part, isPartial: true) })
        #expect(huge.records.map(\.time.nanoseconds) == [10])
    }

    @Test(arguments: StoreKind.available)
    func `What is stored is read back, byte for byte`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(AppName("web"), .example(), at: .noon)
            let app = try #require(try await store.app(AppName("web")))
            let intents = try await store.recordIntents(
                of: app,
                items: [0],
                on: HostName("local"),
                wasQueued: false,
                by: .example("a"),
                at: .noon
            )
            let run = try #require(intents?.first?.run.id)
            #expect(try await store.log(of: run) == nil)
            let binary = LogRecord(
                time: LogTime(nanoseconds: 5),
                stream: .stderr,
                message: ByteBuffer(bytes: [0xFF, 0, 10]),
                isPartial: true
            )
            let records = [record(1, "é \u{1B}[0m  two  spaces "), record(2, ""), record(3, "nul\0"), binary]
            try await store.keep(log(records), of: run)
            #expect(try await store.log(of: run)?.records == records)
            try await store.keep(log([record(9, "new")]), of: run)
            #expect(try await store.log(of: run)?.records == [record(9, "new")])
            try await store.deleteRuns([run])
            #expect(try await store.log(of: run) == nil)
            try await store.keep(log(records), of: run)
            #expect(try await store.log(of: run) == nil)
        }
    }

    @Test(arguments: ["x o a", "1 x a", "1 o", "-1 o a", "1 ob ?"])
    func `A text that was never stored is rejected`(text: String) {
        #expect(KeptLog(stored: text, isComplete: true) == nil)
    }
}
