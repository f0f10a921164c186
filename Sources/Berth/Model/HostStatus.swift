package import DockerEngine

/// What is known of a host right now.
package struct HostStatus: Sendable, Equatable {
    package var state: HostState
    /// What to do about it; nil when connected.
    package var error: String?
    /// The key that an SSH server presented and that nobody has approved.
    package var presentedKey: SSHHostKey?
    package var engineVersion: String?
    package var apiVersion: APIVersion?
    package var latency: Duration?
    package var lastSeenAt: Timestamp?
    /// Since when it is connected; nil where it is not.
    package var connectedAt: Timestamp?
    /// Nil until it has been asked.
    package var facts: EngineFacts?
    /// What its keeper should know of the connection.
    package var connectionWarning: String?
    package var mirror = MirrorStatus()

    /// What its keeper should know.
    package var warnings: [String] { (connectionWarning.map { [$0] } ?? []) + (facts?.warnings ?? []) }

    /// Whether the two differ in what those who follow want to be told.
    func isNews(after earlier: HostStatus) -> Bool {
        state != earlier.state || error != earlier.error || presentedKey != earlier.presentedKey
            || engineVersion != earlier.engineVersion
    }
}

/// How an engine is set up, as far as it matters here.
package struct EngineFacts: Sendable, Equatable {
    /// How far its clock is ahead of this server's; nil where it does not say.
    package var clockSkew: Duration?
    /// Whether its containers outlive its restarts.
    package var hasLiveRestore: Bool?
    /// For containers that name none, such as `json-file`.
    package var logDriver: String?

    /// What its keeper should know.
    package var warnings: [String] {
        guard let clockSkew, abs(clockSkew / .seconds(1)) > 5 else { return [] }
        let seconds = Int(abs(clockSkew / .seconds(1)).rounded())
        let direction = clockSkew > .zero ? "ahead of" : "behind"
        return ["Its clock is \(seconds) s \(direction) this server's; times of runs are the host's. Set both by NTP."]
    }
}

/// How a host's events and lists have agreed since the server was started.
package struct MirrorStatus: Sendable, Equatable {
    /// Of containers of this server.
    package var events = 0
    package var lastEventAt: Timestamp?
    /// Comparisons with the engine's whole list, beside the one at each connect.
    package var lists = 0
    /// Runs that these lists showed otherwise than events had told.
    package var corrections = 0
}

package enum HostState: Sendable, Hashable {
    /// The first attempt is under way.
    case connecting
    case connected
    case unreachable(Reason)
    /// Its SSH server's key is unknown.
    case untrusted

    /// Nil for the other states.
    package var reason: Reason? { if case .unreachable(let reason) = self { reason } else { nil } }

    package enum Reason: String, Sendable {
        case sshDown = "ssh_down"
        case sshMisconfigured = "ssh_misconfigured"
        case authFailed = "auth_failed"
        case hostKeyChanged = "host_key_changed"
        case engineDown = "engine_down"
        case engineHung = "engine_hung"
        case engineTooOld = "engine_too_old"
        case engineTooNew = "engine_too_new"
        /// Something answers, but not as Docker does.
        case notDocker = "not_docker"
    }
}
