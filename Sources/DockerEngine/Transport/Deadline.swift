/// Runs `body`, and cancels it when it takes longer than `limit`: then `EngineError.timedOut` is thrown.
///
/// `body` must end when it is cancelled, for its end is waited for.
package func withDeadline<Result: Sendable>(
    _ limit: Duration,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let result = first else { throw EngineError.timedOut(limit) }
        return result
    }
}
