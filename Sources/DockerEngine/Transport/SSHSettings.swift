import FoundationEssentials

/// This process's settings for its ssh connections; everything else is OpenSSH's own configuration.
package struct SSHSettings: Sendable {
    /// The directory of the forwarded sockets.
    ///
    /// A process that can open one of them controls the host, so the mode is 0700.
    package let directory: String
    /// The keys that were approved here, in the format of known_hosts, in addition to those known to the user's
    /// OpenSSH.
    package let knownHostsFile: String
    package let configuration: Configuration

    /// The configuration files that OpenSSH reads.
    package enum Configuration: Sendable, Equatable {
        /// The user's and the system's; the user's agent is used.
        case user
        /// This file alone; an agent is used only if the file names one.
        case file(String)
        /// No file and no agent.
        case none
    }

    package init(directory: String, knownHostsFile: String, configuration: Configuration) {
        self.directory = directory
        self.knownHostsFile = knownHostsFile
        self.configuration = configuration
    }

    /// The length of the longest directory in which a socket's path fits into the kernel's limit.
    ///
    /// While ssh creates its control socket, the name is longer by a dot and 16 letters.
    package static let maximumDirectoryBytes =
        UnixSocket.kernelPathBytes - "/abcdefgh".utf8.count - ".0123456789abcdef".utf8.count

    /// Characters that separate, escape or expand in ssh's arguments and configuration.
    package static let charactersWithMeaning = #": % $ \ " '"#

    /// Whether ssh takes paths in this directory literally.
    package static func allows(directory: String) -> Bool {
        !directory.unicodeScalars.contains { scalar in
            scalar.value < 32 || scalar != " " && charactersWithMeaning.unicodeScalars.contains(scalar)
        }
    }

    /// A path in ``directory``, without an extension, that was never used before.
    func freshPath() -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
        return directory + "/" + String((0..<8).compactMap { _ in alphabet.randomElement() })
    }

    /// `-F`, and the options for every connection.
    ///
    /// - Parameter version: the client's; nil if unknown.
    func commonArguments(_ version: SSHVersion?) -> [String] {
        let file: [String] =
            switch configuration {
            case .user: []
            case .file(let path): ["-F", path]
            case .none: ["-F", "none"]
            }
        return file + SSHClientOptions.common(version).asOptions
    }

    /// The server's own environment without Berth's variables, and with English messages, since they are parsed.
    ///
    /// The user's configuration may refer to any variable: `IdentityAgent ${XDG_RUNTIME_DIR}/…`, a ProxyCommand that
    /// reads `AWS_PROFILE`.
    var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment.filter { name, _ in
            !name.hasPrefix("BERTH_") && !Self.ownVariables.contains(name)
        }
        if configuration != .user { for name in Self.agentVariables { environment[name] = nil } }
        environment["LC_ALL"] = "C"
        // There is no user to answer, and an open dialog would delay the login.
        environment["SSH_ASKPASS_REQUIRE"] = "never"
        return environment
    }

    /// Variables that select the language of messages, open a dialog, or are between a service and its manager.
    private static let ownVariables: Set = [
        "LANGUAGE", "SSH_ASKPASS", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC",
    ]
    private static let agentVariables = ["SSH_AUTH_SOCK", "SSH_AGENT_PID"]
}

extension SSHDestination {
    /// The arguments that name the server to ssh.
    ///
    /// They follow `--`, so that none can be taken for an option.
    var arguments: [String] {
        (user.map { ["-l", $0] } ?? []) + (port.map { ["-p", "\($0)"] } ?? []) + ["--", host]
    }
}
