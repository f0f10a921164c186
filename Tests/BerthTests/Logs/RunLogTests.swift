import DockerEngine
import FakeEngine
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Berth

/// The output of one run that is followed, on a simulated engine.
@Suite(.timeLimit(.minutes(5))) struct RunLogTests {
    /// Follows the first run of an app that has written `old` to standard error and `other` to standard output.
    private func following(
        _ query: LogQuery,
        _ body: (_ fake: FakePlatform, _ run: Run, _ messages: @escaping @Sendable () -> [String]) async throws -> Void
    ) async throws {
        try await FakePlatform.with { fake in
            let run = try #require(try await fake.start().first)
            try await fake.engine.write("old", isError: true, as: "\(run.name)")
            try await fake.engine.write("other", as: "\(run.name)")
            var query = query
            query.follow = true
            let log = try await fake.platform.logs.open(run.name, query)
            let received = Mutex<[String]>([])
            try await withTask {
                try await log.read { items in
                    let messages = items.compactMap { item in
                        if case .record(let record) = item { String(buffer: record.message) } else { nil }
                    }
                    received.withLock { $0 += messages }
                }
            } during: {
                try await eventually("it is followed") { try await fake.engine.followedLogs == 1 }
                try await body(fake, run) { received.withLock { $0 } }
            }
        }
    }

    @Test func `A follower of one stream gets its new output, also if the other stream had the last line`() async throws
    {
        var query = LogQuery()
        query.streams = [.stderr]
        try await following(query) { fake, run, messages in
            try await eventually("the history is there") { messages() == ["old"] }
            try await fake.engine.write("other", as: "\(run.name)")
            try await fake.engine.write("new", isError: true, as: "\(run.name)")
            try await eventually("the new line is there") { messages() == ["old", "new"] }
        }
    }

    @Test func `With tail=0 a follower gets new output alone`() async throws {
        try await following(LogQuery(tail: 0)) { fake, run, messages in
            // The first ones may be in the history.
            var number = 0
            try await eventually("new lines come") {
                number += 1
                try await fake.engine.write("\(number)", as: "\(run.name)")
                return messages().count >= 10
            }
            let numbers = messages().map { Int($0) ?? 0 }
            #expect(numbers.first ?? 0 > 0)
            #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 + 1 })
        }
    }
}
