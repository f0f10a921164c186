/// The shortest recent ping of one engine: the network's round trip and the engine's quickest response.
struct RoundTrips: Sendable {
    /// A ping is kept at least this long and dropped after at most twice as long.
    static let span = Duration.seconds(150)

    private var shortestNow: Duration?
    private var shortestBefore: Duration?
    private var began = ContinuousClock.now

    /// Zero before the first ping; the last known value if there is no recent one.
    var shortest: Duration {
        guard let shortestNow, let shortestBefore else { return shortestNow ?? shortestBefore ?? .zero }
        return min(shortestNow, shortestBefore)
    }

    mutating func record(_ ping: Duration, at now: ContinuousClock.Instant = .now) {
        let age = now - began
        if age >= Self.span {
            shortestBefore = age < Self.span * 2 ? shortestNow : nil
            shortestNow = nil
            began = now
        }
        shortestNow = min(shortestNow ?? ping, ping)
    }
}
