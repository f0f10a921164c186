import DockerEngine
import ServiceLifecycle

/// Cancels `operation` when the server stops, so that it does not delay that.
///
/// - Throws: `Problem` `server_stopping`, and what `operation` throws.
func stoppingWithServer<Result: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await firstOf(operation) {
        try await gracefulShutdown()
        throw Problem.serverStopping
    }
}
