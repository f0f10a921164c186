/// Why ssh gave no connection, or gave one up.
package struct SSHFailure: Error, Sendable, Equatable {
    package let reason: Reason
    /// What ssh said last, in one line.
    package let message: String

    package enum Reason: Sendable, Equatable {
        /// No way to the SSH server, or the way there broke.
        case unreachable
        case authenticationFailed
        case hostKeyUnknown
        case hostKeyChanged
        /// ssh refuses its configuration or its arguments.
        case misconfigured
        /// The login went well, but the server gives no session.
        ///
        /// A forwarding needs none.
        case sessionRefused
    }

    init(reason: Reason, message: String) {
        self.reason = reason
        self.message = message
    }

    /// Reads the reason off what ssh wrote to its standard error before it ended.
    ///
    /// - Parameters:
    ///   - exitCode: 255 for a fault of ssh's own, otherwise that of the remote command; nil after a signal.
    ///   - hadStood: whether the tunnel stood for a while. Then no session was refused that it needed, though nothing else
    ///     tells a session that ended from one that was refused.
    init(standardError text: String, exitCode: Int32?, hadStood: Bool = false) {
        let lines = text.split(whereSeparator: \.isNewline).map { singleLine(String($0)) }.filter { !$0.isEmpty }
        let lastWords = lines.last { !$0.hasPrefix("PTY allocation") && !$0.hasPrefix("Warning: Permanently") }
        let reason = Self.reason(in: text, exitCode: exitCode)
        guard hadStood, reason == .sessionRefused else {
            self.init(reason: reason, message: lastWords ?? "ssh ended without a word")
            return
        }
        let ended = Self.isRemote(exitCode) ? "the session over there ended" : lastWords
        self.init(reason: .unreachable, message: ended ?? "ssh ended without a word")
    }

    private static func reason(in text: String, exitCode: Int32?) -> Reason {
        for (phrase, reason) in phrases where text.contains(phrase) { return reason }
        return isRemote(exitCode) ? .sessionRefused : .unreachable
    }

    private static func isRemote(_ exitCode: Int32?) -> Bool { exitCode != nil && exitCode != 255 }

    /// OpenSSH's own words, the telling ones first.
    private static let phrases: [(String, Reason)] = [
        ("REMOTE HOST IDENTIFICATION HAS CHANGED", .hostKeyChanged),
        ("REVOKED HOST KEY", .hostKeyChanged),
        ("host key is known for", .hostKeyUnknown),
        ("Host key verification failed", .hostKeyUnknown),
        ("Permission denied (", .authenticationFailed),
        ("Too many authentication failures", .authenticationFailed),
        ("Bad configuration option", .misconfigured),
        ("bad configuration options", .misconfigured),
        ("Can't open user config file", .misconfigured),
        ("Bad owner or permissions on", .misconfigured),
        ("Bad local forwarding specification", .misconfigured),
        ("Session open refused by peer", .sessionRefused),
        ("request failed on channel", .sessionRefused),
        // The session's own: 0 is our socket's, and those of the forwarded connections come after.
        ("channel 1: open failed", .sessionRefused),
    ]
}
