/// Runs `body`, cancels it when it takes longer than `limit`, and then throws `EngineError.timedOut`.
///
/// `body` must end when it is cancelled: this function waits for its end.
package func withDeadline<Result: Sendable>(
    _ limit: Duration,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await firstOf(body) {
        try await Task.sleep(for: limit)
        throw EngineError.timedOut(limit)
    }
}
