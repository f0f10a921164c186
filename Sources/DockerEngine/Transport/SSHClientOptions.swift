/// The ssh options that apply to every connection, regardless of the user's configuration.
///
/// On the command line an option overrides every file. Every option of ssh_config(5) was reviewed: one that is neither
/// here nor in docs/operations.md does not affect a supervised connection.
enum SSHClientOptions {
    /// The options that every supported client knows, and those that this version knows.
    static func common(_ version: SSHVersion?) -> [String] {
        always + later.filter { since, _ in version.map { $0 >= since } ?? false }.flatMap(\.options)
    }

    private static let always = [
        // There is no user to answer a prompt, and no window must open.
        "BatchMode=yes", "AddKeysToAgent=no", "VisualHostKey=no",
        "ConnectTimeout=10", "ConnectionAttempts=1", "ServerAliveCountMax=2", "ServerAliveInterval=5",
        // This process controls its lifetime and reads its output.
        "ControlPersist=no", "EscapeChar=none", "LogLevel=INFO", "PermitLocalCommand=no", "RemoteCommand=none",
        // The user's forwardings are for the user's own sessions; ours is requested once the connection is established.
        "ClearAllForwardings=yes", "ForwardAgent=no", "ForwardX11=no", "Tunnel=no",
        "StreamLocalBindMask=0177", "StreamLocalBindUnlink=yes",
        "NoHostAuthenticationForLocalhost=no", "UpdateHostKeys=no",
    ]

    /// Options of later releases: a client exits if it does not know an option.
    private static let later: [(since: SSHVersion, options: [String])] = [
        (SSHVersion(8, 5), ["LogVerbose=none"]),
        (SSHVersion(8, 7), ["ForkAfterAuthentication=no", "StdinNull=no"]),
        // Otherwise small requests wait for the next 20 ms interval while a session with a terminal is open.
        (SSHVersion(9, 5), ["ObscureKeystrokeTiming=no"]),
        // A stream of events may be silent for a long time.
        (SSHVersion(9, 7), ["ChannelTimeout=none"]),
    ]

    /// Options for a connection that is held open by a session.
    static func session(_ version: SSHVersion?) -> [String] {
        version.map { $0 >= SSHVersion(8, 7) } ?? false ? ["SessionType=default"] : []
    }
}

extension [String] {
    /// The options as arguments of ssh.
    var asOptions: [String] { flatMap { ["-o", $0] } }
}
