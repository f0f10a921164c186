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

    /// The longest directory in which a socket's path still fits into the bytes that the kernel allows.
    ///
    /// While ssh makes its control socket, its name is longer by a dot and 16 letters.
    package static let maximumDirectoryBytes =
        UnixSocket.kernelPathBytes - "/abcdefgh".utf8.count - ".0123456789abcdef".utf8.count

    /// They separate, escape or expand in ssh's arguments and configuration.
    package static let charactersWithMeaning = #": % $ \ " '"#

    /// Whether ssh takes paths in this directory as they are.
    package static func allows(directory: String) -> Bool {
        !directory.unicodeScalars.contains { scalar in
            scalar.value < 32 || scalar != " " && charactersWithMeaning.unicodeScalars.contains(scalar)
        }
    }

    /// A path in ``directory``, without an ending, at which there has never been anything.
    func freshPath() -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
        return directory + "/" + String((0..<8).compactMap { _ in alphabet.randomElement() })
    }

    /// `-F`, and the options that hold for every connection.
    ///
    /// - Parameter version: the client's; nil where it is not known.
    func commonArguments(_ version: SSHVersion?) -> [String] {
        let file: [String] =
            switch configuration {
            case .user: []
            case .file(let path): ["-F", path]
            case .none: ["-F", "none"]
            }
        return file + SSHClientOptions.common(version).asOptions
    }

    /// The server's own environment without what is for Berth alone, and English messages, since we read them.
    ///
    /// The user's configuration may refer to any variable: `IdentityAgent ${XDG_RUNTIME_DIR}/…`, a ProxyCommand that
    /// reads `AWS_PROFILE`.
    var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment.filter { name, _ in
            !name.hasPrefix("BERTH_") && !Self.ownVariables.contains(name)
        }
        if configuration != .user { for name in Self.agentVariables { environment[name] = nil } }
        environment["LC_ALL"] = "C"
        // Nobody is there to answer, and a dialog that waits would hold up the login.
        environment["SSH_ASKPASS_REQUIRE"] = "never"
        return environment
    }

    /// What would choose the language of messages or ask somebody, and what is between a service and its manager.
    private static let ownVariables: Set = [
        "LANGUAGE", "SSH_ASKPASS", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC",
    ]
    private static let agentVariables = ["SSH_AUTH_SOCK", "SSH_AGENT_PID"]
}

extension SSHDestination {
    /// What names the server to ssh.
    ///
    /// After `--`, so that nothing in it can be an option.
    var arguments: [String] {
        (user.map { ["-l", $0] } ?? []) + (port.map { ["-p", "\($0)"] } ?? []) + ["--", host]
    }
}
