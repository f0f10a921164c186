import Glibc
package import Logging
import Subprocess
import Synchronization

/// The way to an engine's socket through OpenSSH: one ssh that forwards a socket of ours to the one over there.
///
/// The forwarding is asked for once the connection stands, through its control socket: on the command line it could not be
/// told from those that the user's configuration has for this host, which are left out (`ClearAllForwardings`).
/// The connection is held by a session with a pty (`ssh -tt … cat`), because only then do both ends set TCP_NODELAY:
/// without it an answer of 25 KB takes 40 ms longer. Where a server gives no session, a tunnel without one does as well,
/// only slower.
package struct SSHTunnel: Sendable {
    private let destination: SSHDestination
    private let settings: SSHSettings
    private let logger: Logger

    /// From ssh's start to its control socket.
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
        let path = settings.freshPath()
        let (control, socketPath) = (SSHControl(path: path, settings: settings), path + ".sock")
        defer { for path in [control.path, socketPath] { unlink(path) } }
        let opening = Mutex<ContinuousClock.Instant?>(nil)
        let outcome: SSHProcess.Outcome<Result>
        do {
            let version = try await SSHVersion.installed(settings)
            let ssh = SSHProcess(arguments: arguments(holding, control, version), settings: settings)
            outcome = try await ssh.run {
                try await control.waitForLogin(within: Self.loginDeadline)
                opening.withLock { $0 = .now }
                try await control.forward(socketPath, to: destination.socketPath)
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

    private func arguments(_ holding: Holding, _ control: SSHControl, _ version: SSHVersion?) -> [String] {
        let session: [String] =
            switch holding {
            case .session: SSHClientOptions.session(version).asOptions + ["-tt"]
            case .nothing: ["-N"]
            }
        let command: [String] =
            switch holding {
            case .session: ["cat"]
            case .nothing: []
            }
        return settings.commonArguments(version)
            + [
                "-o", "StrictHostKeyChecking=yes",
                // Beside the user's own files: these stay in force, ours only adds to what the system knows.
                "-o", "GlobalKnownHostsFile=\(Self.systemFiles) \"\(settings.knownHostsFile)\"",
            ] + control.masterArguments + session + destination.arguments + command
    }

    /// What OpenSSH reads where nothing is configured.
    private static let systemFiles = "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"
}
