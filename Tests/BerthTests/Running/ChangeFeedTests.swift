import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct ChangeFeedTests {
    private let feed = ChangeFeed(start: 1, capacity: 100)

    private func tell(_ count: Int) throws {
        for number in 0..<count { feed.publish(.host(try HostName("h\(number)"))) }
    }

    /// The number of changes that the reader has got when no more arrive.
    @concurrent
    private static func count(_ reader: inout ChangeReader, until enough: Int) async -> Int {
        var count = 0
        while count < enough {
            guard case .changes(let changes) = await reader.next(within: .seconds(10)) else { break }
            count += changes.count
        }
        return count
    }

    @Test func `Each of many readers gets each change, even a reader that comes late`() async throws {
        let feed = feed
        try await withThrowingTaskGroup(of: Int.self) { group in
            let start = feed.last
            for _ in 0..<200 {
                group.addTask { try await feed.withReader(after: start) { await Self.count(&$0, until: 50) } }
            }
            try await eventually("all read") { feed.readers == 200 }
            try tell(50)
            group.addTask { try await feed.withReader(after: start) { await Self.count(&$0, until: 50) } }
            for try await count in group { #expect(count == 50) }
        }
        #expect(feed.readers == 0)
    }

    @Test func `Changes are published in the order of their source, whichever task publishes them`() async throws {
        let feed = feed
        let numbers = Numbers()
        try await withThrowingDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    feed.publish {
                        let number = numbers.last.withLock { number in
                            number += 1
                            return number
                        }
                        // The first task to take a change would be the last to publish it.
                        usleep(UInt32(10_000 - number * 1000))
                        return (try? HostName("h\(number)")).map { [.host($0)] } ?? []
                    }
                }
            }
        }
        let hosts = try await feed.withReader(after: feed.last - 8) { reader in
            guard case .changes(let changes) = await reader.next(within: .zero) else { return [String]() }
            return changes.map { if case .host(let name) = $0.subject { "\(name)" } else { "" } }
        }
        #expect(hosts == (1...8).map { "h\($0)" })
    }

    @Test func `A slow reader gets an error, and the writer does not wait for it`() async throws {
        let start = feed.last
        try tell(101)
        try await feed.withReader(after: start) { reader in
            if case .missed = await reader.next(within: .zero) { return }
            Issue.record("it was told nothing")
        }
        try await feed.withReader(after: start + 1) { reader in
            let count = await Self.count(&reader, until: 100)
            #expect(count == 100)
        }
    }

    @Test func `A reader without news gets a heartbeat after the pause, even if earlier changes woke it`()
        async throws
    {
        let start = feed.last
        let feed = feed
        try await feed.withReader(after: start) { reader in
            try tell(1)
            _ = await reader.next(within: .zero)
            let begun = ContinuousClock.now
            if case .quiet = await reader.next(within: .milliseconds(100)) {} else { Issue.record("it is not quiet") }
            #expect(ContinuousClock.now - begun >= .milliseconds(100))
        }
    }

    @Test func `A cancelled reader ends`() async throws {
        let feed = feed
        let ended = Mutex(false)
        try await withTask {
            try await feed.withReader(after: feed.last) { reader in
                if case .end = await reader.next(within: .seconds(600)) { ended.withLock { $0 = true } }
            }
        } during: {
            try await eventually("it reads") { feed.readers == 1 }
        }
        #expect(ended.withLock { $0 })
    }
}

private final class Numbers: Sendable {
    let last = Mutex(0)
}
