package import Testing

/// Waits until `condition` holds, and fails the test if it does not.
package func eventually(
    _ what: Comment,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .timeout
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record(what, sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// Runs `body` during a task that does `work`; the task has begun before and is cancelled when `body` ends.
package func withTask<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Void,
    during body: () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addImmediateTask { try await work() }
        defer { group.cancelAll() }
        return try await body()
    }
}
