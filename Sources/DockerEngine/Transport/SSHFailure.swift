/// Why ssh gave no connection, or gave one up.
package struct SSHFailure: Error, Sendable, Equatable {
    package let reason: Reason
    /// The lines of what ssh said that tell why, in one.
    package let message: String
    /// Whether a jump host or a ProxyCommand failed, before the server itself was reached.
    package let isOfJumpHost: Bool

    package enum Reason: Sendable, Equatable {
        /// No way to the SSH server, or the way there broke.
        case unreachable
        case authenticationFailed
        /// ssh makes no use of a key of the user's: its mode, its format.
        case keyUnusable
        /// The login goes well and is good for nothing but the advice to log in as somebody else.
        case otherUserWanted
        case hostKeyUnknown
        case hostKeyChanged
        /// ssh refuses its configuration or its arguments, or a program that they name is missing.
        case misconfigured
        /// Client and server have no key type, cipher or the like in common.
        case nothingInCommon
        /// The login went well, but the server gives no session.
        ///
        /// A forwarding needs none.
        case sessionRefused
        /// The server forwards to no socket, and gives too few sessions to do without.
        case tooFewSessions
    }

    init(reason: Reason, message: String, isOfJumpHost: Bool = false) {
        self.reason = reason
        self.message = message
        self.isOfJumpHost = isOfJumpHost
    }

    /// Reads the reason off what ssh wrote to its standard error before it ended.
    ///
    /// - Parameters:
    ///   - exitCode: 255 for a fault of ssh's own, otherwise that of the remote command; nil after a signal.
    ///   - hadStood: whether the tunnel stood for a while. Then no session was refused that it needed, though nothing else
    ///     tells a session that ended from one that was refused.
    init(standardError text: String, exitCode: Int32?, hadStood: Bool = false) {
        let words = SSHWords(text)
        let isRemote = exitCode != nil && exitCode != 255
        let reason = words.reason ?? (isRemote ? .sessionRefused : .unreachable)
        guard hadStood, reason == .sessionRefused else {
            self.init(reason: reason, message: words.message, isOfJumpHost: words.isOfProxy)
            return
        }
        self.init(reason: .unreachable, message: isRemote ? "the session over there ended" : words.last)
    }
}
