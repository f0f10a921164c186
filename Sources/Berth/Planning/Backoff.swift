/// How long to wait before a host is tried again.
///
/// Grows with each failure and is spread, so that hosts that fell together do not come back together.
struct Backoff: Sendable {
    private var failures = 0
    private let longest: Duration

    init(longest: Duration) { self.longest = longest }

    mutating func reset() { failures = 0 }

    /// - Parameter least: for a failure that a quick repetition makes worse, such as a refused login.
    mutating func next(atLeast least: Duration = .zero, using generator: inout some RandomNumberGenerator) -> Duration {
        let full = min(Duration.seconds(1 << min(failures, 10)), longest)
        failures += 1
        return max(full * Double.random(in: 0.5...1, using: &generator), least)
    }
}
