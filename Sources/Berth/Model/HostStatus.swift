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
}

package enum HostState: Sendable, Equatable {
    /// The first attempt is under way.
    case connecting
    case connected
    case unreachable(Reason)
    /// Its SSH server's key is unknown.
    case untrusted

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
        case engineStrange = "engine_strange"
    }
}
