/// Why ssh failed to connect, or why its connection ended.
package struct SSHFailure: Error, Sendable, Equatable {
    package let reason: Reason
    /// The lines of ssh's output that state the reason, joined into one.
    package let message: String
    /// Whether a jump host or a ProxyCommand failed before the server itself was reached.
    package let isOfJumpHost: Bool

    package enum Reason: Sendable, Equatable {
        /// The SSH server cannot be reached, or the connection to it broke.
        case unreachable
        case authenticationFailed
        /// ssh rejects a key of the user, for its mode or its format.
        case keyUnusable
        /// The login succeeds, but only prints the advice to log in as another user.
        case otherUserWanted
        case hostKeyUnknown
        case hostKeyChanged
        /// ssh rejects its configuration or its arguments, or a program that they name is missing.
        case misconfigured
        /// Client and server have no common key type, cipher or other algorithm.
        case nothingInCommon
        /// The login succeeded, but the server refuses a session.
        ///
        /// A forwarding does not need a session.
        case sessionRefused
        /// The server forbids forwarding to sockets, and allows too few sessions to replace it.
        case tooFewSessions
    }

    init(reason: Reason, message: String, isOfJumpHost: Bool = false) {
        self.reason = reason
        self.message = message
        self.isOfJumpHost = isOfJumpHost
    }

    /// Determines the reason from what ssh wrote to its standard error before it exited.
    ///
    /// - Parameters:
    ///   - exitCode: 255 for a failure of ssh itself, otherwise that of the remote command; nil after a signal.
    ///   - hadStood: whether the tunnel was open for some time. If so, the session was not refused; nothing else
    ///     distinguishes a session that ended from a refused one.
    init(standardError text: String, exitCode: Int32?, hadStood: Bool = false) {
        let words = SSHWords(text)
        let isRemote = exitCode != nil && exitCode != 255
        let reason = words.reason ?? (isRemote ? .sessionRefused : .unreachable)
        guard hadStood, reason == .sessionRefused else {
            self.init(reason: reason, message: words.message, isOfJumpHost: words.isOfProxy)
            return
        }
        self.init(reason: .unreachable, message: isRemote ? "the session on the host ended" : words.last)
    }
}
