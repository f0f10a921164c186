/// The pause before the next attempt to connect to a host.
///
/// It grows with each failure and is randomized, so that hosts that failed together do not reconnect together.
struct Backoff: Sendable {
    private var failures = 0
    private let longest: Duration

    init(longest: Duration) { self.longest = longest }

    mutating func reset() { failures = 0 }

    /// - Parameter least: the minimum, for a failure that a quick retry makes worse, such as a rejected login.
    mutating func next(atLeast least: Duration = .zero, using generator: inout some RandomNumberGenerator) -> Duration {
        let full = min(Duration.seconds(1 << min(failures, 10)), longest)
        failures += 1
        return max(full * Double.random(in: 0.5...1, using: &generator), least)
    }
}
