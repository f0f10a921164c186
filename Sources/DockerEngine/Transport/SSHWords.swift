import FoundationEssentials

/// Parses the standard error of ssh for the reason of a failure; OpenSSH's messages are English.
///
/// The last line is rarely the reason: "Permission denied" comes after the key that was skipped, and "Connection closed
/// by UNKNOWN port 65535" after the message of the jump host or the ProxyCommand.
struct SSHWords: Sendable {
    private let lines: [String]
    /// Whether the connection below the server's own ended: ssh then knows no peer but the proxy.
    let isOfProxy: Bool

    init(_ text: String) {
        lines = text.split(whereSeparator: \.isNewline).map { singleLine(String($0)) }.filter { !$0.isEmpty }
        isOfProxy = lines.contains { line in
            ["Connection closed by UNKNOWN", "Connection reset by UNKNOWN"].contains { line.hasPrefix($0) }
        }
    }

    /// Nil if no line states a known reason.
    var reason: SSHFailure.Reason? {
        if says("Host key verification failed") {
            return Self.changedKey.contains(where: says) ? .hostKeyChanged : .hostKeyUnknown
        }
        if Self.refusedLogin.contains(where: says) {
            return Self.unusableKey.contains(where: says) ? .keyUnusable : .authenticationFailed
        }
        for (phrase, reason) in Self.phrases where says(phrase) { return reason }
        return isOfProxy && lines.contains(where: Self.namesMissingProgram) ? .misconfigured : nil
    }

    private func says(_ phrase: String) -> Bool { lines.contains { $0.contains(phrase) } }

    /// The lines that state the reason, at most three; otherwise the last two that are more than a consequence.
    var message: String {
        var telling: [String] = []
        for line in lines where tells(line) && !telling.contains(line) { telling.append(line) }
        let isExplained = !telling.isEmpty && (reason != nil || isOfProxy)
        return joined(isExplained ? Array(telling.prefix(3)) : Array(substance.suffix(2)))
    }

    /// The last line of substance.
    var last: String { joined(Array(substance.suffix(1))) }

    private func joined(_ lines: [String]) -> String {
        guard !lines.isEmpty else { return self.lines.last ?? "ssh ended without a message" }
        return singleLine(lines.joined(separator: "; "))
    }

    private var substance: [String] { lines.filter { line in !Self.noise.contains { line.hasPrefix($0) } } }

    private func tells(_ line: String) -> Bool {
        let phrases = Self.refusedLogin + Self.unusableKey + Self.changedKey + Self.telling + Self.phrases.map(\.phrase)
        return phrases.contains { line.contains($0) }
            || isOfProxy && (Self.namesMissingProgram(line) || line.contains(": open failed: "))
    }

    /// Matches the messages of the common shells.
    private static func namesMissingProgram(_ line: String) -> Bool {
        guard !line.contains("Permission denied ("), !line.hasPrefix("no such identity"), !line.hasPrefix("Warning: ")
        else { return false }
        return [
            ": not found", "command not found", "No such file or directory", "annot execute", "Unknown command",
            "ermission denied",
        ].contains { line.contains($0) }
    }

    private static let changedKey = ["REMOTE HOST IDENTIFICATION HAS CHANGED", "REVOKED HOST KEY"]
    private static let refusedLogin = ["Permission denied (", "Too many authentication failures"]
    private static let unusableKey = [": bad permissions", ": error in libcrypto", ": invalid format"]

    private static let phrases: [(phrase: String, reason: SSHFailure.Reason)] = [
        ("Bad configuration option", .misconfigured),
        ("bad configuration options", .misconfigured),
        ("no argument after keyword", .misconfigured),
        ("Missing argument", .misconfigured),
        ("extra arguments at end of line", .misconfigured),
        ("nsupported option \"", .misconfigured),
        ("Can't open user config file", .misconfigured),
        ("Bad owner or permissions on", .misconfigured),
        ("Bad local forwarding specification", .misconfigured),
        ("has no value", .misconfigured),
        ("nvironment expansion", .misconfigured),
        ("nvironment variable expansion", .misconfigured),
        ("percent_expand: unknown key", .misconfigured),
        ("percent_dollar_expand", .misconfigured),
        ("line 0: ", .misconfigured),
        ("hostname contains invalid characters", .misconfigured),
        ("remote username contains invalid characters", .misconfigured),
        ("No user exists for uid", .misconfigured),
        ("too long for Unix domain socket", .misconfigured),
        ("ControlPath too long", .misconfigured),
        ("unix_listener: cannot bind", .misconfigured),
        ("no matching", .nothingInCommon),
        ("Session open refused by peer", .sessionRefused),
        ("request failed on channel", .sessionRefused),
        // The session's own channel: 0 is the control socket's, and forwarded connections follow.
        ("channel 1: open failed", .sessionRefused),
    ]

    /// Lines that add detail to a reason without stating one.
    private static let telling = [
        "Host key verification failed", "host key is known for", "has changed and you have requested",
        "no such identity", "not accessible: ", "signing failed", ": Bad ",
    ]

    /// Consequences, decoration, and lines that a successful login prints too.
    private static let noise = [
        "PTY allocation", "Pseudo-terminal", "Warning: Permanently", "Warning: remote port", "@", "** ", "debug",
        "mux_",
        "muxclient", "It is required that", "This private key will be ignored", "kex_exchange_identification:",
        "Connection closed by UNKNOWN", "Connection reset by UNKNOWN", "stdio forwarding failed", "channel ",
        "Connection to ", "Killed by signal",
    ]
}
