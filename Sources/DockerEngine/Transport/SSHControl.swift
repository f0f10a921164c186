import Glibc
import SystemPackage

/// The control socket of an ssh that holds a connection (`ControlMaster`): what is asked for through it uses that
/// connection, without a login of its own.
///
/// These ssh read no configuration: the forwardings that the user's names are not for us.
struct SSHControl: Sendable {
    let path: String
    let settings: SSHSettings

    /// For the ssh that holds the connection.
    var masterArguments: [String] { ["-M"] + pathArguments }

    private var pathArguments: [String] {
        // What stands for something else in the path of a control socket.
        ["-S", path.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")]
    }

    /// Waits until the login is through: ssh makes the socket then, and says nothing of it.
    func waitForLogin(within limit: Duration) async throws {
        let end = ContinuousClock.now + limit
        while access(path, F_OK) != 0 {
            guard ContinuousClock.now < end else {
                throw SSHFailure(reason: .unreachable, message: "no login within \(limit)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Has connections to `socketPath` forwarded to a socket over there.
    ///
    /// Whether the server allows that shows with the first connection.
    func forward(_ socketPath: String, to remotePath: String) async throws {
        let arguments =
            ["-F", "none"] + pathArguments + ["-O", "forward", "-L", "\(socketPath):\(remotePath)", "--", "berth"]
        let exit = try await SSHProcess(arguments: arguments, settings: settings).run(within: .seconds(10))
        guard let exit, exit.code == 0 else {
            // Where the connection broke, its own end tells more: let it come first.
            try await Task.sleep(for: .seconds(2))
            throw SSHFailure(reason: .misconfigured, message: "no socket can be made at \(socketPath)")
        }
    }

    /// Runs a command over there, with a socket of ours as its standard input and output.
    ///
    /// - Returns: how it ended; where the server gave no session, 255 and why.
    func run(_ command: [String], over socket: FileDescriptor) async throws -> SSHProcess.Exit {
        let arguments =
            ["-F", "none"] + pathArguments
            + [
                // An ssh that is refused its session connects by itself. It shall not: a name that cannot be resolved.
                "BatchMode=yes", "AddressFamily=inet6", "HostName=127.0.0.1", "LogLevel=INFO",
            ].asOptions + ["-T", "--", "berth"] + command
        return try await SSHProcess(arguments: arguments, settings: settings).run(over: socket)
    }
}
