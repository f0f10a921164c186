/// Why a call of an engine gave no usable response.
///
/// After ``unreachable(_:)`` and ``timedOut(_:)`` the outcome of a write is unknown: dockerd finishes a `create` whose
/// client has disconnected. Read the engine's state before retrying such a write.
package enum EngineError: Error, Sendable, Equatable {
    /// The connection failed, or it ended before the response did.
    ///
    /// The text is the message of the operating system or the peer.
    case unreachable(String)
    /// The engine took longer than the deadline of this call.
    case timedOut(Duration)
    /// The engine refused the request: its HTTP status and its own message, without control characters.
    case status(Int, message: String)
    /// A response that is not Docker's: too large, too deep, of wrong types, a redirect, the id of another container.
    case undecodable(String)
    /// This client already holds its maximum of connections to the engine; nothing was sent.
    case busy

    /// Whether a write that ended with this error may have taken effect.
    package var leavesOutcomeOpen: Bool {
        switch self {
        case .unreachable, .timedOut, .undecodable: true
        case .status, .busy: false
        }
    }

    /// Whether the engine reported that the named object does not exist.
    package var isNotFound: Bool {
        if case .status(404, _) = self { true } else { false }
    }

    /// Whether the engine reported a conflict with its present state, such as a name that is taken.
    package var isConflict: Bool {
        if case .status(409, _) = self { true } else { false }
    }
}

extension EngineError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let reason): "no connection to the engine: \(reason)"
        case .timedOut(let limit): "no response from the engine within \(limit)"
        case .status(let code, let message): "the engine responded with \(code): \(message)"
        case .undecodable(let reason): "invalid response from the engine: \(reason)"
        case .busy: "too many concurrent connections to this engine"
        }
    }
}
