import Testing

@testable import BerthBench

@Suite struct EndTimesTests {
    let start = ContinuousClock.now

    @Test func `The delay of an end is the server's report time minus the engine's`() async throws {
        let times = EndTimes()
        times.record("a", by: .engine, at: start)
        times.record("a", by: .server, at: start + .milliseconds(13))
        times.record("a", by: .server, at: start + .milliseconds(90))
        let end = try await times.end(of: "a", within: .zero)
        #expect(end == .reported(after: .milliseconds(13)))
    }

    @Test func `A server that reports first has no delay`() async throws {
        let times = EndTimes()
        times.record("a", by: .server, at: start)
        times.record("a", by: .engine, at: start + .milliseconds(1))
        let end = try await times.end(of: "a", within: .zero)
        #expect(end == .reported(after: .zero))
    }

    @Test func `An end missing at the server is unreported, and an end missing at the engine is unseen`() async throws {
        let times = EndTimes()
        times.record("a", by: .engine)
        times.record("b", by: .server)
        let unreported = try await times.end(of: "a", within: .milliseconds(10))
        #expect(unreported == .notReported)
        let unseen = try await times.end(of: "b", within: .milliseconds(10))
        #expect(unseen == .notSeen)
    }

    @Test func `Ends that the server did not report are counted without a time, and unseen ends are not counted`() {
        let ends = BenchReport.Ends([
            .reported(after: .milliseconds(2)), .notReported, .notSeen, .reported(after: .zero),
        ])
        #expect(ends.count == 3)
        #expect(ends.notReported == 1)
        #expect(ends.after?.count == 2)
    }
}
