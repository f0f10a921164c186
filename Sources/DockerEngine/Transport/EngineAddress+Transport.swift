package import Logging

extension EngineAddress {
    /// Opens the connection to the engine, passes it to `body`, and closes it when `body` returns.
    ///
    /// - Throws: `SSHFailure` when the tunnel cannot be opened, or when it breaks (`body` is cancelled then).
    package func withTransport<Result: Sendable>(
        ssh settings: SSHSettings,
        logger: Logger,
        observer: EngineObserver = .none,
        _ body: @escaping @Sendable (EngineTransport) async throws -> Result
    ) async throws -> Result {
        switch self {
        case .unixSocket(let path):
            return try await EngineTransport.withUnixSocket(path, observer: observer, body)
        case .ssh(let destination):
            return try await SSHTunnel(to: destination, settings: settings, logger: logger).whileOpen { endpoint in
                try await EngineTransport.withUnixSocket(endpoint.socketPath, ssh: endpoint, observer: observer, body)
            }
        case .tcp(let host, let port, let security):
            return try await EngineTransport.withTCP(
                host: host,
                port: port,
                security: security,
                observer: observer,
                body
            )
        }
    }
}
