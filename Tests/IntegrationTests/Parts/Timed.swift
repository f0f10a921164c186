/// The result of a call, and its duration.
struct Timed<Value: Sendable>: Sendable {
    let value: Value
    let duration: Duration
}

func timed<Value: Sendable>(_ body: () async throws -> Value) async rethrows -> Timed<Value> {
    let start = ContinuousClock.now
    let value = try await body()
    return Timed(value: value, duration: .now - start)
}

extension [Duration] {
    /// The median; endless if there are no durations.
    var median: Duration { isEmpty ? .seconds(1_000_000) : sorted()[count / 2] }

    /// The 95th percentile.
    var most: Duration { isEmpty ? .seconds(1_000_000) : sorted()[count * 19 / 20] }
}
