import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(1))) struct LogMailboxTests {
    @Test func `Senders wait while it is full, and nothing is lost`() async throws {
        let mailbox = LogMailbox<Int>(limit: 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 { group.addTask { try await mailbox.put(number) } }
            var received: [Int] = []
            while received.count < 100 {
                let values = try await mailbox.take(within: .seconds(10))
                #expect((1...2).contains(values.count))
                received += values
            }
            #expect(received.sorted() == Array(0..<100))
            try await group.waitForAll()
        }
        #expect(try await mailbox.take(within: .milliseconds(1)).isEmpty)
    }

    @Test func `A sender that waits ends with its task`() async throws {
        let mailbox = LogMailbox<Int>(limit: 1)
        try await mailbox.put(1)
        let sender = Task { try await mailbox.put(2) }
        try await Task.sleep(for: .milliseconds(20))
        sender.cancel()
        await #expect(throws: CancellationError.self) { try await sender.value }
        #expect(try await mailbox.take(within: .zero) == [1])
    }
}
