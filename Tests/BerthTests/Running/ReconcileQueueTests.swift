import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct ReconcileQueueTests {
    private func id(_ number: Int) -> RunID { RunID(recorded: "\(number)") }

    private func taken(_ count: Int, of dirty: ReconcileQueue) async throws -> Set<RunID> {
        var taken: Set<RunID> = []
        for _ in 0..<count { if case .run(let run) = try await dirty.take() { taken.insert(run) } }
        return taken
    }

    @Test func `Each mark is taken once`() async throws {
        let dirty = ReconcileQueue()
        for number in [1, 2, 1, 2, 2] { dirty.mark(id(number)) }
        #expect(try await taken(2, of: dirty) == [id(1), id(2)])
        dirty.mark(id(3))
        #expect(try await dirty.take() == .run(id(3)))
    }

    @Test func `More marks than the queue holds become one mark for everything`() async throws {
        let dirty = ReconcileQueue()
        for number in 0..<10_000 { dirty.mark(id(number)) }
        dirty.mark(id(0))
        #expect(try await taken(10_000, of: dirty).count == 10_000)
        for number in 0...10_000 { dirty.mark(id(number)) }
        dirty.mark(id(2))
        #expect(try await dirty.take() == .everything)
        dirty.mark(id(2))
        #expect(try await dirty.take() == .run(id(2)))
    }

    @Test func `A take waits for a mark`() async throws {
        let dirty = ReconcileQueue()
        let taken = try await withThrowingTaskGroup(of: ReconcileQueue.Work.self) { group in
            group.addImmediateTask { try await dirty.take() }
            dirty.mark(id(7))
            return try await group.next()
        }
        #expect(taken == .run(id(7)))
    }

    @Test func `A cancelled take gets nothing`() async throws {
        let dirty = ReconcileQueue()
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addImmediateTask { await #expect(throws: CancellationError.self) { try await dirty.take() } }
            group.cancelAll()
        }
        dirty.mark(id(1))
        #expect(try await dirty.take() == .run(id(1)))
    }
}
