import Glibc
package import Logging
import Subprocess
import Synchronization

/// The way to an engine's socket through OpenSSH: one ssh that forwards a socket of ours to the one over there.
///
/// The connection is held by a session with a pty (`ssh -tt … cat`), because only then do both ends set TCP_NODELAY:
/// without it an answer of 25 KB takes 40 ms longer. Where a server gives no session, a tunnel without one does as well,
/// only slower.
package struct SSHTunnel: Sendable {
    private let destination: SSHDestination
    private let settings: SSHSettings
    private let logger: Logger

    /// From ssh's start to the forwarded socket.
    private static let loginDeadline = Duration.seconds(30)
    /// How soon after its opening a tunnel ends whose session was refused.
    ///
    /// ssh opens the tunnel first and asks for the session then: the refusal takes some trips to the server, or a shell's
    /// start over there. Where it ends later, the host goes down or has lost the session, and is to be tried anew.
    private static let refusalLimit = Duration.seconds(5)

    package init(to destination: SSHDestination, settings: SSHSettings, logger: Logger) {
        self.destination = destination
        self.settings = settings
        self.logger = logger
    }

    /// Opens the tunnel, hands the path of our end to `body`, and closes the tunnel when `body` is done.
    ///
    /// - Throws: `SSHFailure` when there is no tunnel, or when it breaks before `body` is done (which is cancelled then).
    package func whileOpen<Result: Sendable>(
        _ body: @escaping @Sendable (_ socketPath: String) async throws -> Result
    ) async throws -> Result {
        do {
            return try await whileOpen(holdingWith: .session, body)
        } catch let failure as SSHFailure where failure.reason == .sessionRefused {
            logger.warning(
                "The SSH server gives no session; going on without one. Answers will be some 40 ms slower.",
                metadata: ["error.message": "\(failure.message)"]
            )
            return try await whileOpen(holdingWith: .nothing, body)
        }
    }

    private enum Holding {
        case session
        case nothing
    }

    private func whileOpen<Result: Sendable>(
        holdingWith holding: Holding,
        _ body: @escaping @Sendable (String) async throws -> Result
    ) async throws -> Result {
        let socketPath = settings.freshSocketPath()
        defer { unlink(socketPath) }
        let opening = Mutex<ContinuousClock.Instant?>(nil)
        let ssh = SSHProcess(arguments: arguments(holding, forwarding: socketPath), settings: settings)
        let outcome: SSHProcess.Outcome<Result>
        do {
            outcome = try await ssh.run {
                try await waitForSocket(socketPath)
                opening.withLock { $0 = .now }
                return try await body(socketPath)
            }
        } catch is SubprocessError {
            throw SSHFailure(
                reason: .misconfigured,
                message: "cannot start ssh: are openssh-client and util-linux there?"
            )
        }
        switch outcome {
        case .body(let result): return result
        case .exited(let exit):
            try Task.checkCancellation()
            let hadStood = opening.withLock { $0.map { $0 + Self.refusalLimit < .now } ?? false }
            throw SSHFailure(standardError: exit.standardError, exitCode: exit.code, hadStood: hadStood)
        }
    }

    private func arguments(_ holding: Holding, forwarding socketPath: String) -> [String] {
        let session: [String] =
            switch holding {
            case .session: ["-tt"]
            case .nothing: ["-N"]
            }
        let command: [String] =
            switch holding {
            case .session: ["cat"]
            case .nothing: []
            }
        return settings.commonArguments
            + [
                "-o", "StrictHostKeyChecking=yes",
                // Beside the user's own files: these stay in force, ours only adds to what the system knows.
                "-o", "GlobalKnownHostsFile=/etc/ssh/ssh_known_hosts \"\(settings.knownHostsFile)\"",
                "-L", "\(socketPath):\(destination.socketPath)",
            ] + session + destination.arguments + command
    }

    /// ssh makes the socket when the login is through, and says nothing of it.
    private func waitForSocket(_ path: String) async throws {
        let end = ContinuousClock.now + Self.loginDeadline
        while !UnixSocket.isListening(at: path) {
            guard ContinuousClock.now < end else {
                throw SSHFailure(reason: .unreachable, message: "no login within \(Self.loginDeadline)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
