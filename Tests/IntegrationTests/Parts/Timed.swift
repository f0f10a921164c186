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
