import Glibc
package import Logging
import Subprocess
import Synchronization

/// A connection to an engine's socket through OpenSSH: one ssh forwards a local socket to the engine's on the host.
///
/// The forwarding is requested through the control socket once the connection is established: on the command line it
/// could not be distinguished from the user's forwardings for this host, which are disabled (`ClearAllForwardings`). A
/// session with a pty (`ssh -tt … cat`) holds the connection, because only then do both ends set TCP_NODELAY: without
/// it a response of 25 KB takes 40 ms longer. If a server refuses a session, a tunnel without one works too, but
/// slower.
package struct SSHTunnel: Sendable {
    private let destination: SSHDestination
    private let settings: SSHSettings
    private let logger: Logger

    /// The time limit from the start of ssh to the creation of its control socket.
    private static let loginDeadline = Duration.seconds(30)
    /// A tunnel that ends within this time after its opening may have had its session refused.
    ///
    /// ssh opens the tunnel before it requests the session: the refusal takes some round trips, or the start of a shell
    /// on the host. If the tunnel ends later, the host shuts down or has lost the session, and the caller must retry.
    private static let refusalLimit = Duration.seconds(5)

    package init(to destination: SSHDestination, settings: SSHSettings, logger: Logger) {
        self.destination = destination
        self.settings = settings
        self.logger = logger
    }

    /// Opens the tunnel, passes its local end to `body`, and closes it when `body` returns.
    ///
    /// - Parameter body: called again with another endpoint if the engine can be reached by the other method only.
    /// - Throws: `SSHFailure` when the tunnel cannot be opened, or when it breaks while `body` runs (`body` is
    ///   cancelled).
    package func whileOpen<Result: Sendable>(
        _ body: @escaping @Sendable (SSHEndpoint) async throws -> Result
    ) async throws -> Result {
        do {
            return try await whileOpen(holdingWith: .session, body)
        } catch let failure as SSHFailure where failure.reason == .sessionRefused {
            logger.warning(
                "The SSH server refused a session; continuing without it. Responses will take about 40 ms longer.",
                metadata: ["error.message": "\(failure.message)"]
            )
            return try await whileOpen(holdingWith: .nothing, body)
        } catch is NeedsEverySession {
            return try await whileOpen(holdingWith: .nothing, body)
        }
    }

    /// The connection must be made again without its own session.
    private struct NeedsEverySession: Error {}

    private enum Holding {
        case session
        case nothing
    }

    private func whileOpen<Result: Sendable>(
        holdingWith holding: Holding,
        _ body: @escaping @Sendable (SSHEndpoint) async throws -> Result
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
                return try await reach(through: control, socketPath, holding, body)
            }
        } catch is SubprocessError {
            throw SSHFailure(
                reason: .misconfigured,
                message: "cannot start ssh; check that openssh-client and util-linux are installed"
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
        let (session, command): ([String], [String]) =
            switch holding {
            case .session: (SSHClientOptions.session(version).asOptions + ["-tt"], ["cat"])
            case .nothing: (["-N"], [])
            }
        return settings.commonArguments(version)
            + [
                "-o", "StrictHostKeyChecking=yes",
                // In addition to the user's own files, which stay in effect: this one only adds to the system's known
                // keys.
                "-o", "GlobalKnownHostsFile=\(Self.systemFiles) \"\(settings.knownHostsFile)\"",
            ] + control.masterArguments + session + destination.arguments + command
    }

    /// OpenSSH's default for GlobalKnownHostsFile.
    private static let systemFiles = "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"
}

// The methods to reach the engine over an established connection.
extension SSHTunnel {
    /// The delay before a method that did not reach the engine is retried.
    private static let recheck = Duration.seconds(15)

    /// Calls `body` with the forwarded socket, or with sessions if only they reach the engine.
    private func reach<Result: Sendable>(
        through control: SSHControl,
        _ socketPath: String,
        _ holding: Holding,
        _ body: @escaping @Sendable (SSHEndpoint) async throws -> Result
    ) async throws -> Result {
        let remarks = SSHRemarks()
        let forwarded = SSHEndpoint(socketPath: socketPath, maximumConnections: nil, remarks: remarks, warning: nil)
        guard case .closed = await SocketProbe.ping(socketPath) else { return try await body(forwarded) }
        let sessions = SSHSessions(control, to: destination, remarks: remarks)
        return try await sessions.whileListening {
            let result = try await withThrowingTaskGroup(of: Result?.self) { group in
                // sshd reports a missing socket and a forbidden forwarding alike. Docker's own command on the host
                // distinguishes them.
                guard try await !self.lead(sessions, remarks, within: .seconds(5)) else { return Result?.none }
                group.addTask { try await body(forwarded) }
                group.addTask {
                    try await self.waitForSessions(sessions, remarks, insteadOf: socketPath)
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            if let result { return result }
            return try await self.use(sessions, holding, remarks, body)
        }
    }

    /// Whether Docker's command on the host reaches the engine.
    ///
    /// - Throws: `SSHFailure` `otherUserWanted` if the login only prints the advice to use another user.
    private func lead(_ sessions: SSHSessions, _ remarks: SSHRemarks, within limit: Duration) async throws -> Bool {
        switch await SocketProbe.ping(sessions.socketPath, within: limit) {
        case .http: return true
        case .silent: return false
        case .closed(let words):
            if words.contains("Please login as") {
                throw SSHFailure(reason: .otherUserWanted, message: words)
            }
            if !words.isEmpty { remarks.set(words) }
            return false
        }
    }

    /// Returns when sessions reach the engine and the forwarding does not; never returns once the forwarding has
    /// worked.
    private func waitForSessions(_ sessions: SSHSessions, _ remarks: SSHRemarks, insteadOf socketPath: String)
        async throws
    {
        while true {
            guard case .closed = await SocketProbe.ping(socketPath) else { break }
            if try await lead(sessions, remarks, within: SSHSessions.slowestShell) { return }
            try await Task.sleep(for: Self.recheck)
        }
        remarks.set(nil)
        while true { try await Task.sleep(for: .seconds(3600)) }
    }

    private func use<Result: Sendable>(
        _ sessions: SSHSessions,
        _ holding: Holding,
        _ remarks: SSHRemarks,
        _ body: @escaping @Sendable (SSHEndpoint) async throws -> Result
    ) async throws -> Result {
        let count = await sessions.measure()
        try Task.checkCancellation()
        if count < 3, holding == .session { throw NeedsEverySession() }
        guard count > 1 else {
            throw SSHFailure(
                reason: .tooFewSessions,
                message:
                    "The SSH server does not allow forwarding to \(destination.socketPath). Without forwarding, Berth "
                    + "needs at least 2 concurrent sessions, and the server allows \(count)."
            )
        }
        let warning = warning(sessions: count)
        logger.warning("\(warning)")
        remarks.set(nil)
        let endpoint = SSHEndpoint(
            socketPath: sessions.socketPath,
            maximumConnections: count,
            remarks: remarks,
            warning: warning
        )
        return try await body(endpoint)
    }

    private func warning(sessions count: Int) -> String {
        "The SSH server does not allow forwarding to \(destination.socketPath), so each connection is a session that "
            + "runs `docker system dial-stdio` on the host, at most \(count) at the same time"
            + (count < 3 ? ", which is too few to pull images (MaxSessions)" : "")
            + ". To allow forwarding, check AllowTcpForwarding, AllowStreamLocalForwarding, PermitOpen and "
            + "DisableForwarding in its sshd_config, and restrict and no-port-forwarding in authorized_keys."
    }
}
