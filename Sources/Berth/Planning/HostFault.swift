import DockerEngine

/// Why a host is not connected, told apart by what has to be done about it.
struct HostFault: Sendable, Equatable {
    let state: HostState
    private let sentence: String

    /// - Parameter error: what ended the connection, or the attempt at one.
    init(_ error: any Error, address: EngineAddress) {
        switch error {
        case let failure as SSHFailure: (state, sentence) = Self.ssh(failure)
        case let mismatch as EngineVersionMismatch: (state, sentence) = Self.version(mismatch)
        case let error as EngineError: (state, sentence) = Self.engine(error, address: address)
        default: (state, sentence) = (.unreachable(.engineStrange), "\(error)")
        }
    }

    /// Whether the server's key is of interest to whoever has to act.
    var wantsHostKey: Bool { state == .untrusted || state == .unreachable(.hostKeyChanged) }

    /// What is the matter and what to do about it.
    func message(presentedKey key: SSHHostKey?) -> String {
        guard wantsHostKey, let key else { return sentence }
        return sentence + " It presents \(key.fingerprint)."
    }

    /// How long to wait at least before the next attempt.
    static func leastPause(after state: HostState) -> Duration {
        switch state {
        // Servers ban who logs in wrongly again and again.
        case .unreachable(.authFailed): .seconds(60)
        case .untrusted, .unreachable(.hostKeyChanged), .unreachable(.sshMisconfigured): .seconds(10)
        case .connecting, .connected, .unreachable: .zero
        }
    }

    private static func ssh(_ failure: SSHFailure) -> (HostState, String) {
        switch failure.reason {
        case .unreachable, .sessionRefused:
            (
                .unreachable(.sshDown),
                "There is no SSH connection (\(failure.message)). Check that the server is up and sshd runs."
            )
        case .authenticationFailed:
            (
                .unreachable(.authFailed),
                "The SSH server refuses the login (\(failure.message)). Put the public key of this server's user into "
                    + "authorized_keys over there; the next attempt is in a minute."
            )
        case .hostKeyUnknown:
            (
                .untrusted,
                "The SSH server's key is not known here. Compare its fingerprint with the one on the server itself, "
                    + "then approve it: POST /v1/hosts/{host}/trust {\"fingerprint\": …}."
            )
        case .hostKeyChanged:
            (
                .unreachable(.hostKeyChanged),
                "The SSH server's key is not the one that was approved: somebody may be in between. If the change is "
                    + "yours, approve the present key: POST /v1/hosts/{host}/trust {\"fingerprint\": …}."
            )
        case .misconfigured:
            (
                .unreachable(.sshMisconfigured),
                "ssh cannot be used as it is configured (\(failure.message)). Try ssh to the host by hand, as this server's user."
            )
        }
    }

    private static func version(_ mismatch: EngineVersionMismatch) -> (HostState, String) {
        switch mismatch {
        case .engineTooOld(let speaks):
            (
                .unreachable(.engineTooOld),
                "The engine speaks API \(speaks); \(APIVersion.oldest) is needed. Upgrade Docker to 20.10 or later."
            )
        case .engineTooNew(let needs):
            (
                .unreachable(.engineTooNew),
                "The engine wants API \(needs) at least; this berth speaks up to \(APIVersion.newest). Upgrade berth."
            )
        }
    }

    private static func engine(_ error: EngineError, address: EngineAddress) -> (HostState, String) {
        switch error {
        case .timedOut(let limit):
            (
                .unreachable(.engineHung),
                "The engine accepts connections and does not answer within \(limit). Look at dockerd over there."
            )
        case .unreachable(let reason):
            (
                .unreachable(.engineDown),
                "The engine cannot be reached: \(reason). Is Docker running, and \(access(to: address))?"
            )
        case .status, .undecodable, .busy:
            (.unreachable(.engineStrange), "What answers at \(address) does not act as Docker does: \(error).")
        }
    }

    private static func access(to address: EngineAddress) -> String {
        switch address {
        case .unixSocket(let path): "may this user open \(path) (group docker)"
        case .ssh(let destination):
            "may the SSH user open \(destination.socketPath) over there (group docker, AllowStreamLocalForwarding)"
        case .tcp: "do its certificates and its name match"
        }
    }
}
