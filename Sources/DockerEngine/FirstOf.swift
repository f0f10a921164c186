/// Runs both at once, and returns or throws what the first of them does that ends.
///
/// The other is cancelled then and waited for, so it must end when it is cancelled.
package func firstOf<Result: Sendable>(
    _ one: @escaping @Sendable () async throws -> Result,
    _ other: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await one() }
        group.addTask { try await other() }
        defer { group.cancelAll() }
        guard let result = try await group.next() else { throw CancellationError() }
        return result
    }
}
