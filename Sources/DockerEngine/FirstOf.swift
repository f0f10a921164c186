/// Runs both functions at once, and returns or throws the result of the one that ends first.
///
/// The other one is cancelled and awaited, so it must end when it is cancelled.
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
