/// What a call gave, and how long it took.
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
    /// The one in the middle; none counts as endless.
    var median: Duration { isEmpty ? .seconds(1_000_000) : sorted()[count / 2] }

    /// What all but one in twenty keep to.
    var most: Duration { isEmpty ? .seconds(1_000_000) : sorted()[count * 19 / 20] }
}
