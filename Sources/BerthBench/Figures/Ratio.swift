/// A comparison of two methods: the ratio of the medians, with its 95 % confidence interval.
package struct Ratio: Sendable, Equatable {
    package let value: Double
    package let low: Double
    package let high: Double

    private static let resamples = 1000

    /// Compares figures that were measured in pairs, one of each method.
    ///
    /// The bounds are a bootstrap over the pairs, which are drawn together: an influence that slowed one of a pair may
    /// have slowed the other. The same figures always give the same bounds.
    ///
    /// Nil if there are no pairs, or if the base is zero.
    package init?(_ ours: [Double], to base: [Double]) {
        guard !ours.isEmpty, ours.count == base.count, median(base) > 0 else { return nil }
        let (ours, base) = (Ordered(ours), Ordered(base))
        let once = [Int](repeating: 1, count: ours.count)
        value = ours.median(once) / base.median(once)
        var dice = SplitMix()
        let drawn = (0..<Self.resamples).map { _ in
            let times = dice.draws(from: ours.count)
            return ours.median(times) / base.median(times)
        }.sorted()
        low = drawn[Self.resamples / 40]
        high = drawn[Self.resamples - 1 - Self.resamples / 40]
    }
}

/// The median of at least one figure.
func median(_ figures: [Double]) -> Double {
    Ordered(figures).median([Int](repeating: 1, count: figures.count))
}

/// Figures that are sorted once, for the medians of many resamples.
private struct Ordered {
    /// The sorted values, with their original indices.
    private let figures: [(place: Int, value: Double)]

    init(_ figures: [Double]) {
        self.figures = figures.enumerated().map { ($0, $1) }.sorted { $0.value < $1.value }
    }

    var count: Int { figures.count }

    /// - Parameter times: the weight of each figure; the sum is the number of figures.
    func median(_ times: [Int]) -> Double {
        var seen = 0
        var lower: Double?
        for (place, value) in figures {
            seen += times[place]
            if lower == nil, seen > (count - 1) / 2 { lower = value }
            if seen > count / 2 { return ((lower ?? value) + value) / 2 }
        }
        return lower ?? .nan
    }
}

/// SplitMix64 from one seed, so that the same figures give the same bounds.
private struct SplitMix {
    private var state: UInt64 = 1

    /// How often each of `count` items is drawn in `count` draws with replacement.
    mutating func draws(from count: Int) -> [Int] {
        var times = [Int](repeating: 0, count: count)
        for _ in 0..<count { times[Int(next() % UInt64(count))] += 1 }
        return times
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
