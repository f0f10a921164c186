import HTTPTypes
import ServiceLifecycle

/// Carries out what may take long, and breaks it off when the server is told to stop.
///
/// - Throws: `Problem` `server_stopping` then, and whatever `body` throws.
func untilStopping<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await gracefulShutdown()
            throw Problem.serverStopping
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() else { throw CancellationError() }
        return result
    }
}
