import FoundationEssentials

/// What this process decides about its ssh connections; the rest is OpenSSH's own configuration.
package struct SSHSettings: Sendable {
    /// Holds the forwarded sockets.
    ///
    /// Whoever can open one of them owns the host, so its mode is 0700.
    package let directory: String
    /// Keys that were approved here, in the format of known_hosts, beside those that the user's OpenSSH knows.
    package let knownHostsFile: String
    package let configuration: Configuration

    /// Which configuration files OpenSSH reads.
    package enum Configuration: Sendable, Equatable {
        /// The user's and the system's, with the user's agent.
        case user
        /// This one alone, and no agent but one that it names.
        case file(String)
        /// None, and no agent.
        case none
    }

    package init(directory: String, knownHostsFile: String, configuration: Configuration) {
        self.directory = directory
        self.knownHostsFile = knownHostsFile
        self.configuration = configuration
    }

    /// The longest directory in which a forwarded socket's path still fits into the 107 bytes that the kernel allows.
    package static let maximumDirectoryBytes = 107 - "/abcdefgh.sock".utf8.count

    /// A path in ``directory`` at which there has never been a socket.
    func freshSocketPath() -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
        return directory + "/" + String((0..<8).compactMap { _ in alphabet.randomElement() }) + ".sock"
    }

    /// `-F`, and the options that hold for every connection.
    ///
    /// On the command line they win over any configuration.
    var commonArguments: [String] {
        let file: [String] =
            switch configuration {
            case .user: []
            case .file(let path): ["-F", path]
            case .none: ["-F", "none"]
            }
        return file + Self.options.flatMap { ["-o", $0] }
    }

    private static let options = [
        "BatchMode=yes", "ConnectTimeout=10", "ConnectionAttempts=1", "ControlMaster=no", "ControlPath=none",
        "EscapeChar=none", "ExitOnForwardFailure=yes", "ForwardAgent=no", "ForwardX11=no", "LogLevel=INFO",
        "PermitLocalCommand=no", "RemoteCommand=none", "ServerAliveCountMax=2", "ServerAliveInterval=5",
        "StreamLocalBindMask=0177", "StreamLocalBindUnlink=yes", "Tunnel=no", "UpdateHostKeys=no",
    ]

    /// Only what ssh needs, and English messages, since we read them.
    var environment: [String: String] {
        let inherited = ProcessInfo.processInfo.environment
        var names = ["HOME", "USER", "LOGNAME", "PATH"]
        if configuration == .user { names.append("SSH_AUTH_SOCK") }
        var environment = ["LC_ALL": "C"]
        for name in names { environment[name] = inherited[name] }
        return environment
    }
}

extension SSHDestination {
    /// What names the server to ssh.
    ///
    /// After `--`, so that nothing in it can be an option.
    var arguments: [String] {
        (user.map { ["-l", $0] } ?? []) + (port.map { ["-p", "\($0)"] } ?? []) + ["--", host]
    }
}
