import Testing

@testable import Berth

@Suite struct RetentionPolicyTests {
    private let policy = RetentionPolicy(keepFinished: .seconds(100), keepRecords: 1000)

    /// A run that finished this many seconds before noon.
    private func run(_ id: String, _ state: RunState, finished seconds: Int?) throws -> Run {
        var run = try Run.example(id, state: state)
        run.finishedAt = seconds.map { Timestamp.noon.before(.seconds($0)) }
        return run
    }

    @Test func `A container is removed after the retention time, and its record after the same time again`() throws {
        let fresh = try run("1", .exited, finished: 99)
        let old = try run("2", .exited, finished: 101)
        let removed = try run("3", .removed, finished: 199)
        let forgotten = try run("4", .removed, finished: 201)
        let excess = policy.excess(of: [fresh, old, removed, forgotten], now: .noon)
        #expect(excess.containers == [old])
        #expect(excess.records == [forgotten])
    }

    @Test(arguments: RunState.allCases.filter { $0.status == .running })
    func `A running run is never removed, however old and however many there are`(state: RunState) throws {
        let runs = try (0..<20).map { try run("\($0)", state, finished: 10_000) }
        let excess = RetentionPolicy(keepFinished: .zero, keepRecords: 0).excess(of: runs, now: .noon)
        #expect(excess == RetentionPolicy.Excess())
    }

    @Test(arguments: [RunState.failed, .lost, .removed])
    func `A run without a container is removed as a record`(state: RunState) throws {
        let old = try run("1", state, finished: 201)
        #expect(policy.excess(of: [old], now: .noon).records == [old])
        #expect(policy.excess(of: [old], now: .noon).containers.isEmpty)
    }

    @Test func `A container is removed before its record`() throws {
        let old = try run("1", .exited, finished: 100_000)
        #expect(policy.excess(of: [old], now: .noon) == .init(containers: [old]))
    }

    @Test func `If there are too many runs, the oldest are removed first, whatever their age`() throws {
        let few = RetentionPolicy(keepFinished: .seconds(100), keepRecords: 2)
        let runs = try [
            run("1", .exited, finished: 5), run("2", .removed, finished: 4), run("3", .exited, finished: 3),
            run("4", .exited, finished: 2), run("5", .running, finished: nil),
        ]
        let excess = few.excess(of: runs.reversed(), now: .noon)
        #expect(excess.containers == [runs[0]])
        #expect(excess.records == [runs[1]])
    }

    @Test func `A run without an end counts from its creation`() throws {
        let failed = try run("1", .failed, finished: nil)
        #expect(policy.excess(of: [failed], now: .noon).records.isEmpty)
        #expect(policy.excess(of: [failed], now: Timestamp.noon.before(.seconds(-201))).records == [failed])
    }
}
