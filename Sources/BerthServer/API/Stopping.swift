import DockerEngine
import ServiceLifecycle

/// Runs a long operation, and cancels it when the server stops.
///
/// - Throws: `Problem` `server_stopping` then, and whatever `body` throws.
func untilStopping<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
    try await firstOf(body) {
        try await gracefulShutdown()
        throw Problem.serverStopping
    }
}
