/// The options that hold for every connection, whatever the user's configuration says.
///
/// On the command line an option wins over any file. Every option of ssh_config(5) was gone through: what is neither here
/// nor in docs/operations.md does a supervised connection no harm.
enum SSHClientOptions {
    /// What every client knows, and what this one knows besides.
    static func common(_ version: SSHVersion?) -> [String] {
        always + later.filter { since, _ in version.map { $0 >= since } ?? false }.flatMap(\.options)
    }

    private static let always = [
        // Nobody is there to answer, and no window is to open.
        "BatchMode=yes", "AddKeysToAgent=no", "VisualHostKey=no",
        "ConnectTimeout=10", "ConnectionAttempts=1", "ServerAliveCountMax=2", "ServerAliveInterval=5",
        // Its life is ours, and its output is read.
        "ControlPersist=no", "EscapeChar=none", "LogLevel=INFO", "PermitLocalCommand=no", "RemoteCommand=none",
        // What the user forwards is for the user's own sessions; ours is asked for once the connection stands.
        "ClearAllForwardings=yes", "ForwardAgent=no", "ForwardX11=no", "Tunnel=no",
        "StreamLocalBindMask=0177", "StreamLocalBindUnlink=yes",
        "NoHostAuthenticationForLocalhost=no", "UpdateHostKeys=no",
    ]

    /// An option that a client does not know ends it, so these are for those that do.
    private static let later: [(since: SSHVersion, options: [String])] = [
        (SSHVersion(8, 5), ["LogVerbose=none"]),
        (SSHVersion(8, 7), ["ForkAfterAuthentication=no", "StdinNull=no"]),
        // Otherwise small requests wait for the next 20 ms while a session with a terminal is open.
        (SSHVersion(9, 5), ["ObscureKeystrokeTiming=no"]),
        // A stream of events may be silent for long.
        (SSHVersion(9, 7), ["ChannelTimeout=none"]),
    ]

    /// For a connection that is held by a session.
    static func session(_ version: SSHVersion?) -> [String] {
        version.map { $0 >= SSHVersion(8, 7) } ?? false ? ["SessionType=default"] : []
    }
}

extension [String] {
    /// As arguments of ssh.
    var asOptions: [String] { flatMap { ["-o", $0] } }
}
