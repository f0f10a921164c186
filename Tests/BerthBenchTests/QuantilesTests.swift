import BerthBench
import Testing

@Suite struct QuantilesTests {
    @Test func `Without times there are no quantiles`() {
        #expect(Quantiles([]) == nil)
    }

    @Test func `A single time is every quantile`() throws {
        let one = try #require(Quantiles([.milliseconds(7)]))
        #expect([one.mean, one.minimum, one.p50, one.p95, one.p99, one.maximum].allSatisfy { $0 == .milliseconds(7) })
        #expect(one.count == 1)
    }

    @Test func `Quantiles lie between the two nearest times, in any order of the input`() throws {
        let times = try #require(Quantiles((1...101).reversed().map { .milliseconds($0) }))
        #expect(times.p50 == .milliseconds(51))
        #expect(times.p95 == .milliseconds(96))
        #expect(times.p99 == .milliseconds(100))
        #expect(times.maximum == .milliseconds(101))
        #expect(times.minimum == .milliseconds(1))
        #expect(times.mean == .milliseconds(51))
        let two = try #require(Quantiles([.milliseconds(10), .milliseconds(20)]))
        #expect(two.p50 == .milliseconds(15))
        #expect(two.p95 == .microseconds(19_500))
    }
}
