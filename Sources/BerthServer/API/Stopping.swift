import DockerEngine
import ServiceLifecycle

/// Carries out what may take long, and breaks it off when the server is told to stop.
///
/// - Throws: `Problem` `server_stopping` then, and whatever `body` throws.
func untilStopping<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
    try await firstOf(body) {
        try await gracefulShutdown()
        throw Problem.serverStopping
    }
}
