package import DockerEngine

/// The current status of a host.
package struct HostStatus: Sendable, Equatable {
    package var state: HostState
    /// What is wrong and what to do about it; nil when connected.
    package var error: String?
    /// A key that an SSH server presented and that is not approved.
    package var presentedKey: SSHHostKey?
    package var engineVersion: String?
    package var apiVersion: APIVersion?
    package var latency: Duration?
    package var lastSeenAt: Timestamp?
    /// Start of the current connection; nil if not connected.
    package var connectedAt: Timestamp?
    /// Nil until the engine has been queried.
    package var facts: EngineFacts?
    /// A warning about the connection, for the operator.
    package var connectionWarning: String?
    package var mirror = MirrorStatus()

    /// All warnings for the operator.
    package var warnings: [String] { (connectionWarning.map { [$0] } ?? []) + (facts?.warnings ?? []) }

    /// Whether a change has to be published to readers of the feed.
    func isNews(after earlier: HostStatus) -> Bool {
        state != earlier.state || error != earlier.error || presentedKey != earlier.presentedKey
            || engineVersion != earlier.engineVersion
    }
}

/// The parts of an engine's setup that matter to Berth.
package struct EngineFacts: Sendable, Equatable {
    /// How far its clock is ahead of this server's; nil if the engine does not report its time.
    package var clockSkew: Duration?
    /// Whether its containers keep running while the engine restarts.
    package var hasLiveRestore: Bool?
    /// The default log driver, such as `json-file`.
    package var logDriver: String?

    /// Warnings for the operator.
    package var warnings: [String] {
        guard let clockSkew, abs(clockSkew / .seconds(1)) > 5 else { return [] }
        let seconds = Int(abs(clockSkew / .seconds(1)).rounded())
        let direction = clockSkew > .zero ? "ahead of" : "behind"
        return [
            "Its clock is \(seconds) s \(direction) this server's; the times of runs come from its clock. "
                + "Synchronize both clocks with NTP."
        ]
    }
}

/// How well a host's events and lists have agreed since the start of the server.
package struct MirrorStatus: Sendable, Equatable {
    /// The number of events of this server's containers.
    package var events = 0
    package var lastEventAt: Timestamp?
    /// The number of comparisons with the engine's complete list, except the one at each connect.
    package var lists = 0
    /// The number of runs in these lists that differed from what events had reported.
    package var corrections = 0
}

package enum HostState: Sendable, Hashable {
    /// The first attempt is in progress.
    case connecting
    case connected
    case unreachable(Reason)
    /// Its SSH server's key is unknown.
    case untrusted

    /// The state without its reason.
    package enum Kind: String, Sendable, CaseIterable {
        case connecting
        case connected
        case unreachable
        case untrusted
    }

    package var kind: Kind {
        switch self {
        case .connecting: .connecting
        case .connected: .connected
        case .unreachable: .unreachable
        case .untrusted: .untrusted
        }
    }

    /// Nil for the other states.
    package var reason: Reason? { if case .unreachable(let reason) = self { reason } else { nil } }

    package enum Reason: String, Sendable, CaseIterable {
        case sshDown = "ssh_down"
        case sshMisconfigured = "ssh_misconfigured"
        case authFailed = "auth_failed"
        case hostKeyChanged = "host_key_changed"
        case engineDown = "engine_down"
        case engineHung = "engine_hung"
        case engineTooOld = "engine_too_old"
        case engineTooNew = "engine_too_new"
        /// The peer responds, but not as Docker does.
        case notDocker = "not_docker"
    }
}
