/// Why an engine gave no usable answer.
///
/// After ``unreachable(_:)`` and ``timedOut(_:)`` nobody knows whether a write was carried out: dockerd finishes a
/// `create` whose client has gone away. Look at the engine before such a write is tried again.
package enum EngineError: Error, Sendable, Equatable {
    /// No connection, or it ended before the answer did.
    ///
    /// The text says what the operating system or the peer said.
    case unreachable(String)
    /// The engine took longer than this call's deadline.
    case timedOut(Duration)
    /// The engine answered no: its HTTP status and its own message, cleaned of control characters.
    case status(Int, message: String)
    /// An answer that is not Docker's: too large, too deep, of wrong types, a redirect, somebody else's id.
    case undecodable(String)
    /// This client holds as many connections to the engine as it allows itself; nothing was sent.
    case busy

    /// Whether a write that ended with this error may have been carried out all the same.
    package var leavesOutcomeOpen: Bool {
        switch self {
        case .unreachable, .timedOut, .undecodable: true
        case .status, .busy: false
        }
    }

    /// Whether the engine said that the named thing does not exist.
    package var isNotFound: Bool {
        if case .status(404, _) = self { true } else { false }
    }

    /// Whether the engine said that the request conflicts with the state of things (a taken name, for one).
    package var isConflict: Bool {
        if case .status(409, _) = self { true } else { false }
    }
}

extension EngineError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let reason): "no connection to the engine: \(reason)"
        case .timedOut(let limit): "no answer from the engine within \(limit)"
        case .status(let code, let message): "the engine answered \(code): \(message)"
        case .undecodable(let reason): "the engine's answer makes no sense: \(reason)"
        case .busy: "too many connections to this engine at once"
        }
    }
}
