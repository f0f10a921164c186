import DockerEngine
import NIOCore
import Testing

@testable import Berth

@Suite struct LogFeedTests {
    private func record(_ number: Int, bytes: Int = 1) -> LogItem {
        .record(
            LogRecord(
                time: LogTime(nanoseconds: Int64(number)),
                stream: .stdout,
                message: ByteBuffer(repeating: 0x78, count: bytes),
                isPartial: false
            )
        )
    }

    @Test func `A reader gets what is added after it came, in order, and then the end`() async throws {
        let feed = LogFeed()
        feed.append([record(1)])
        feed.open()
        let read = try await feed.withReader { reader in
            #expect(try await reader.open() == [record(1)])
            feed.append([record(2), record(3)])
            feed.append([.restarted])
            feed.finish()
            var items: [LogItem] = []
            while let more = try await reader.next() { items += more }
            return items
        }
        #expect(read == [record(2), record(3), .restarted])
    }

    @Test func `A reader waits until the feed is open, and ends with its task`() async throws {
        let feed = LogFeed()
        let early = try await feed.withReader { try await $0.open(within: .milliseconds(1)) }
        #expect(early == nil)
        let reader = Task { try await feed.withReader { try await $0.open() } }
        try await Task.sleep(for: .milliseconds(20))
        feed.open()
        #expect(try await reader.value == [])
        let waiting = Task { try await feed.withReader { try await $0.next() } }
        try await Task.sleep(for: .milliseconds(20))
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test func `A slow reader has lagged, and goes on with what is still there`() async throws {
        let feed = LogFeed()
        feed.open()
        try await feed.withReader { reader in
            for number in 0..<100 { feed.append([record(number, bytes: 64 << 10)]) }
            feed.finish()
            guard case .lagged(let skipped?) = try await reader.next()?.first else {
                Issue.record("no notice")
                return
            }
            var items: [LogItem] = []
            while let more = try await reader.next() { items += more }
            #expect(items.last == record(99, bytes: 64 << 10))
            #expect(skipped + items.count == 100)
            // Never more than 4 MiB are kept.
            #expect(items.count <= 64)
            #expect(items.count >= 31)
        }
    }
}
