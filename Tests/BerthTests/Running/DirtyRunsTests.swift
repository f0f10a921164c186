import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(1))) struct DirtyRunsTests {
    private func id(_ number: Int) -> RunID { RunID(recorded: "\(number)") }

    @Test func `Marks are taken together, each once`() async throws {
        let dirty = DirtyRuns()
        for number in [1, 2, 1, 2, 2] { dirty.mark(id(number)) }
        #expect(try await dirty.take() == .runs([id(1), id(2)]))
        dirty.mark(id(3))
        #expect(try await dirty.take() == .runs([id(3)]))
    }

    @Test func `Everything is more than any run`() async throws {
        let dirty = DirtyRuns()
        dirty.mark(id(1))
        dirty.markEverything()
        dirty.mark(id(2))
        #expect(try await dirty.take() == .everything)
        dirty.mark(id(2))
        #expect(try await dirty.take() == .runs([id(2)]))
    }

    @Test func `Too much becomes everything`() async throws {
        let dirty = DirtyRuns()
        for number in 0..<10_000 { dirty.mark(id(number)) }
        dirty.mark(id(0))
        guard case .runs(let runs) = try await dirty.take() else {
            Issue.record("10,000 are not too much")
            return
        }
        #expect(runs.count == 10_000)
        for number in 0...10_000 { dirty.mark(id(number)) }
        #expect(try await dirty.take() == .everything)
    }

    @Test func `Who takes waits for a mark`() async throws {
        let dirty = DirtyRuns()
        let taken = try await withThrowingTaskGroup(of: DirtyRuns.Work.self) { group in
            group.addImmediateTask { try await dirty.take() }
            dirty.mark(id(7))
            return try await group.next()
        }
        #expect(taken == .runs([id(7)]))
    }

    @Test func `Who is cancelled takes nothing`() async throws {
        let dirty = DirtyRuns()
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addImmediateTask { await #expect(throws: CancellationError.self) { try await dirty.take() } }
            group.cancelAll()
        }
        dirty.mark(id(1))
        #expect(try await dirty.take() == .runs([id(1)]))
    }
}
