import BerthBench
import Testing

@Suite struct RatioTests {
    @Test func `The ratio is that of the medians`() throws {
        let ratio = try #require(Ratio([10, 30, 20], to: [5, 10, 100]))
        #expect(ratio.value == 2)
        let even = try #require(Ratio([1, 2, 3, 4], to: [1, 1, 1, 1]))
        #expect(even.value == 2.5)
        #expect(try #require(Ratio([7], to: [2])).value == 3.5)
    }

    @Test func `Pairs with a constant ratio have tight bounds, however much they are spread`() throws {
        let base = (1...30).map { Double($0 * $0) }
        let ratio = try #require(Ratio(base.map { $0 * 1.5 }, to: base))
        #expect([ratio.value, ratio.low, ratio.high] == [1.5, 1.5, 1.5])
    }

    @Test func `Bounds contain the ratio, are reproducible, and get closer with more pairs`() throws {
        func spread(_ pairs: Int) throws -> Double {
            let ours = (0..<pairs).map { Double(100 + $0 * 37 % 20) }
            let base = (0..<pairs).map { Double(100 + $0 * 53 % 20) }
            let ratio = try #require(Ratio(ours, to: base))
            #expect(ratio.low <= ratio.value && ratio.value <= ratio.high)
            #expect(Ratio(ours, to: base) == ratio)
            return ratio.high - ratio.low
        }
        #expect(try spread(200) < spread(10))
    }

    @Test(arguments: [([], []), ([1.0], []), ([1.0], [1.0, 2]), ([1.0], [0.0])])
    func `Unpaired values, or values compared with zero, have no ratio`(ours: [Double], base: [Double]) {
        #expect(Ratio(ours, to: base) == nil)
    }
}
