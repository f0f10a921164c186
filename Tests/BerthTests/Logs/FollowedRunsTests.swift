import Testing

@testable import Berth

@Suite struct FollowedRunsTests {
    private func run(_ number: Int, _ state: RunState = .running, startedAt: Int64 = 1) throws -> Run {
        var run = try Run.example("run\(number)")
        run.state = state
        run.startedAt = Timestamp(milliseconds: startedAt)
        return run
    }

    @Test func `A run is followed from where it was read, and only if it runs`() throws {
        var runs = FollowedRuns(LogQuery(tail: 5), maximum: 10)
        let position = LogPosition(time: LogTime(nanoseconds: 7))
        try runs.add(run(1), LogQuery(tail: 5), after: position)
        try runs.add(run(2, .exited), LogQuery(tail: 5), after: position)
        let starts = runs.takeStarts()
        #expect(try starts.map(\.id) == [run(1).id])
        #expect(starts.first?.position == position)
        #expect(runs.takeStarts().isEmpty)
        #expect(runs.count == 1)
    }

    @Test func `A run that starts later is followed from its beginning, also if it has ended since`() throws {
        var runs = FollowedRuns(LogQuery(tail: 5), maximum: 10)
        try runs.update(run(1, .starting))
        #expect(runs.takeStarts().isEmpty)
        try runs.update(run(1, .exited))
        try runs.update(run(2, .failed))
        let starts = runs.takeStarts()
        #expect(try starts.map(\.id) == [run(1).id])
        #expect(starts.first?.query.tail == nil)
        #expect(starts.first?.notice == nil)
        try runs.ended(run(1).id)
        try runs.update(run(1, .removed))
        #expect(runs.takeStarts().isEmpty)
    }

    @Test func `A run that is started again is followed again, with a notice`() throws {
        var runs = FollowedRuns(LogQuery(), maximum: 10)
        let position = LogPosition(time: LogTime(nanoseconds: 7))
        try runs.add(run(1), LogQuery(), after: nil)
        #expect(runs.takeStarts().count == 1)
        try runs.advance(run(1).id, to: position)
        try runs.update(run(1, startedAt: 2))
        #expect(runs.takeStarts().isEmpty)
        try runs.ended(run(1).id)
        try runs.update(run(1, startedAt: 2))
        let again = runs.takeStarts()
        #expect(again.map(\.position) == [position])
        #expect(again.map(\.notice) == [.restarted])
    }

    @Test func `Of more runs than can be followed, the newest are, and others when one of them has ended`() throws {
        var runs = FollowedRuns(LogQuery(), maximum: 2)
        try runs.addLeftOut(run(1))
        try runs.add(run(2), LogQuery(), after: nil)
        try runs.add(run(3), LogQuery(), after: nil)
        #expect(try Set(runs.takeStarts().map(\.id)) == [run(2).id, run(3).id])
        try runs.ended(run(2).id)
        let start = runs.takeStarts()
        #expect(try start.map(\.id) == [run(1).id])
        #expect(start.first?.notice == .gap)
        #expect(start.first?.query.tail == 0)
        try runs.update(run(4))
        runs.stopWaiting()
        try runs.ended(run(1).id)
        #expect(runs.takeStarts().isEmpty)
    }
}
