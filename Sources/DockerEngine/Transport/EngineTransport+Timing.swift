import Synchronization

extension EngineTransport {
    /// Learns from a ping how long the way is.
    func noteRoundTrip(_ ping: Duration) { roundTrips.withLock { $0.note(ping) } }

    /// Counts a call for the request that makes it, however the call ends.
    func timed<Result>(_ call: () async throws -> Result) async throws -> Result {
        guard let timings = EngineTimings.current else { return try await call() }
        let start = ContinuousClock.now
        defer { timings.add(.now - start, roundTrip: roundTrips.withLock { $0.shortest }) }
        return try await call()
    }
}
