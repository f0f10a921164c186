/// The distribution of a set of times.
package struct Quantiles: Sendable, Equatable {
    package let count: Int
    package let mean: Duration
    package let minimum: Duration
    package let p50: Duration
    package let p95: Duration
    package let p99: Duration
    package let maximum: Duration

    /// Nil without any times.
    package init?(_ times: [Duration]) {
        let ordered = times.sorted()
        guard let first = ordered.first, let last = ordered.last else { return nil }
        count = ordered.count
        mean = ordered.reduce(.zero, +) / ordered.count
        minimum = first
        p50 = Self.quantile(ordered, 50)
        p95 = Self.quantile(ordered, 95)
        p99 = Self.quantile(ordered, 99)
        maximum = last
    }

    /// Interpolates linearly between the two nearest values.
    private static func quantile(_ ordered: [Duration], _ percent: Int) -> Duration {
        let (below, rest) = (percent * (ordered.count - 1)).quotientAndRemainder(dividingBy: 100)
        let above = min(below + 1, ordered.count - 1)
        return ordered[below] + (ordered[above] - ordered[below]) * rest / 100
    }
}

extension Duration {
    /// In milliseconds.
    var milliseconds: Double { self / .milliseconds(1) }
}
