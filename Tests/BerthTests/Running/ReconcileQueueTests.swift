import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct ReconcileQueueTests {
    private func id(_ number: Int) -> RunID { RunID(recorded: "\(number)") }

    private func taken(_ count: Int, of queue: ReconcileQueue) async throws -> Set<RunID> {
        var taken: Set<RunID> = []
        for _ in 0..<count { if case .run(let run) = try await queue.take() { taken.insert(run) } }
        return taken
    }

    @Test func `Each mark is taken once`() async throws {
        let queue = ReconcileQueue()
        for number in [1, 2, 1, 2, 2] { queue.add(id(number)) }
        #expect(try await taken(2, of: queue) == [id(1), id(2)])
        queue.add(id(3))
        #expect(try await queue.take() == .run(id(3)))
    }

    @Test func `More marks than the queue holds become one mark for everything`() async throws {
        let queue = ReconcileQueue()
        for number in 0..<10_000 { queue.add(id(number)) }
        queue.add(id(0))
        #expect(try await taken(10_000, of: queue).count == 10_000)
        for number in 0...10_000 { queue.add(id(number)) }
        queue.add(id(2))
        #expect(try await queue.take() == .everything)
        queue.add(id(2))
        #expect(try await queue.take() == .run(id(2)))
    }

    @Test func `A take waits for a mark`() async throws {
        let queue = ReconcileQueue()
        let taken = try await withThrowingTaskGroup(of: ReconcileQueue.Work.self) { group in
            group.addImmediateTask { try await queue.take() }
            queue.add(id(7))
            return try await group.next()
        }
        #expect(taken == .run(id(7)))
    }

    @Test func `A cancelled take gets nothing`() async throws {
        let queue = ReconcileQueue()
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addImmediateTask { await #expect(throws: CancellationError.self) { try await queue.take() } }
            group.cancelAll()
        }
        queue.add(id(1))
        #expect(try await queue.take() == .run(id(1)))
    }
}
