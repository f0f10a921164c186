/// The shortest of the last minutes' pings of one engine: the way there and back, and an engine's quickest answer.
struct RoundTrips: Sendable {
    /// After this a ping is on its way to be forgotten, and after twice as long it is.
    static let span = Duration.seconds(150)

    private var shortestNow: Duration?
    private var shortestBefore: Duration?
    private var began = ContinuousClock.now

    init() {}

    /// Zero where there was no ping; the last known where there is none any more.
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
