import Glibc
import SystemPackage

/// The control socket of an ssh that holds a connection (`ControlMaster`): requests through it use that connection,
/// without a separate login.
///
/// The ssh processes that use it read no configuration, so the user's forwardings do not apply.
struct SSHControl: Sendable {
    let path: String
    let settings: SSHSettings

    /// Arguments for the ssh that holds the connection.
    var masterArguments: [String] { ["-M"] + pathArguments }

    private var pathArguments: [String] {
        // `%` begins an expansion in the path of a control socket.
        ["-S", path.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")]
    }

    /// Waits until the login is complete: ssh then creates the socket, and reports it in no other form.
    func waitForLogin(within limit: Duration) async throws {
        let end = ContinuousClock.now + limit
        while access(path, F_OK) != 0 {
            guard ContinuousClock.now < end else {
                throw SSHFailure(reason: .unreachable, message: "the login did not succeed within \(limit)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Forwards connections to `socketPath` to a socket on the host.
    ///
    /// If the server forbids that, the first connection fails, not this call.
    func forward(_ socketPath: String, to remotePath: String) async throws {
        let arguments =
            ["-F", "none"] + pathArguments + ["-O", "forward", "-L", "\(socketPath):\(remotePath)", "--", "berth"]
        let exit = try await SSHProcess(arguments: arguments, settings: settings).run(within: .seconds(10))
        guard let exit, exit.code == 0 else {
            // If the connection broke, the failure of its own ssh says more: give it time to be reported first.
            try await Task.sleep(for: .seconds(2))
            throw SSHFailure(reason: .misconfigured, message: "cannot create a socket at \(socketPath)")
        }
    }

    /// Runs a command on the host, with `socket` as its standard input and output.
    ///
    /// - Returns: how it ended; if the server refused the session, 255 and the reason.
    func run(_ command: [String], over socket: FileDescriptor) async throws -> SSHProcess.Exit {
        let arguments =
            ["-F", "none"] + pathArguments
            + [
                // An ssh whose session is refused opens a connection itself. A name that cannot be resolved prevents
                // that.
                "BatchMode=yes", "AddressFamily=inet6", "HostName=127.0.0.1", "LogLevel=INFO",
            ].asOptions + ["-T", "--", "berth"] + command
        return try await SSHProcess(arguments: arguments, settings: settings).run(over: socket)
    }
}
