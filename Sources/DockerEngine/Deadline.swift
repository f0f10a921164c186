/// Runs `body`, and cancels it when it takes longer than `limit`: then `EngineError.timedOut` is thrown.
///
/// `body` must end when it is cancelled, for its end is waited for.
package func withDeadline<Result: Sendable>(
    _ limit: Duration,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await firstOf(body) {
        try await Task.sleep(for: limit)
        throw EngineError.timedOut(limit)
    }
}
