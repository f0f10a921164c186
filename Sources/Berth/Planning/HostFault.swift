import DockerEngine

/// Why a host is not connected.
///
/// Faults are distinguished by what the operator must do.
struct HostFault: Sendable, Equatable {
    let state: HostState
    private let sentence: String
    /// Whether the key in question is the server's own, not that of a jump host, which cannot be approved here.
    private let isServersKey: Bool

    /// - Parameter error: the error that ended the connection, or the attempt to connect.
    init(_ error: any Error, address: EngineAddress) {
        switch error {
        case let failure as SSHFailure:
            (state, sentence) = failure.isOfJumpHost ? Self.beforeServer(failure) : Self.ssh(failure)
            isServersKey = !failure.isOfJumpHost
            return
        case let mismatch as EngineVersionMismatch: (state, sentence) = Self.version(mismatch)
        case let error as EngineError: (state, sentence) = Self.engine(error, address: address)
        default: (state, sentence) = (.unreachable(.notDocker), "\(error)")
        }
        isServersKey = false
    }

    /// Whether the operator needs to see the server's key.
    var wantsHostKey: Bool {
        isServersKey && (state == .untrusted || state == .unreachable(.hostKeyChanged))
    }

    /// What is wrong and what to do about it.
    func message(presentedKey key: SSHHostKey?) -> String {
        guard wantsHostKey, let key else { return sentence }
        return sentence + " It presents \(key.fingerprint)."
    }

    /// The shortest pause before the next attempt.
    static func leastPause(after state: HostState) -> Duration {
        switch state {
        // Servers ban clients whose logins fail repeatedly.
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
                    + "authorized_keys over there; a key with a passphrase has to be in an agent. The next attempt is in a "
                    + "minute."
            )
        case .keyUnusable: keyUnusable(failure)
        case .otherUserWanted:
            (
                .unreachable(.authFailed),
                "The SSH server lets this user in for nothing but a message: \(failure.message) Write that user into "
                    + "the endpoint: ssh://user@host."
            )
        case .tooFewSessions:
            (
                .unreachable(.engineDown),
                "\(failure.message) Allow it to be forwarded to (\(Self.forwarding)), or raise MaxSessions in sshd_config "
                    + "over there."
            )
        case .hostKeyUnknown:
            (
                .untrusted,
                "The SSH server's key is not known here. Compare its fingerprint with the one on the server itself, "
                    + "then approve it."
            )
        case .hostKeyChanged:
            (
                .unreachable(.hostKeyChanged),
                "The SSH server's key is not the one that was approved: somebody may be in between. If the change is "
                    + "yours, approve the present key."
            )
        case .misconfigured:
            (
                .unreachable(.sshMisconfigured),
                "ssh cannot be used as it is configured (\(failure.message)). Try ssh to the host by hand, as this "
                    + "server's user."
            )
        case .nothingInCommon:
            (
                .unreachable(.sshMisconfigured),
                "ssh and the SSH server have nothing in common (\(failure.message)). Upgrade the older one, or name what it "
                    + "offers in the OpenSSH configuration of this server's user, such as HostKeyAlgorithms +ssh-rsa."
            )
        }
    }

    /// The fault for an error that ssh reports about a jump host or a ProxyCommand.
    private static func beforeServer(_ failure: SSHFailure) -> (HostState, String) {
        switch failure.reason {
        case .hostKeyUnknown:
            (
                .untrusted,
                "The key of a jump host is not known here, and cannot be approved by Berth. Log in to the jump "
                    + "host by hand once, as this server's user, and compare its fingerprint: ssh then adds the key to that "
                    + "user's known_hosts."
            )
        case .hostKeyChanged:
            (
                .unreachable(.hostKeyChanged),
                "The key of a jump host is not the one that is known: somebody may be in between. If the change is "
                    + "yours, take the earlier key out of the known_hosts of this server's user (ssh-keygen -R) and log in "
                    + "to the jump host by hand once."
            )
        case .authenticationFailed:
            (
                .unreachable(.authFailed),
                "A jump host refuses the login (\(failure.message)). Put the public key of this server's user into "
                    + "authorized_keys there, or name user and key in its Host block; the next attempt is in a minute."
            )
        case .keyUnusable: keyUnusable(failure)
        case .misconfigured:
            (
                .unreachable(.sshMisconfigured),
                "The jump host or the ProxyCommand cannot be used as it is configured (\(failure.message)). Install what "
                    + "it names into the PATH of this server, or correct it; try ssh by hand, as this server's user."
            )
        case .unreachable, .sessionRefused, .tooFewSessions, .otherUserWanted, .nothingInCommon:
            (
                .unreachable(.sshDown),
                "There is no SSH connection through the jump host or ProxyCommand (\(failure.message)). Check that it "
                    + "works by hand, as this server's user, that the jump host may forward (AllowTcpForwarding) and "
                    + "that the server behind it is up."
            )
        }
    }

    private static func keyUnusable(_ failure: SSHFailure) -> (HostState, String) {
        (
            .unreachable(.authFailed),
            "The login is refused because ssh does not use a private key of this server's user (\(failure.message)). It has to "
                + "be readable by that user alone (chmod 600) and in OpenSSH's format; the next attempt is in a minute."
        )
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
            (.unreachable(.notDocker), "What answers at \(address) does not act as Docker does: \(error).")
        }
    }

    private static func access(to address: EngineAddress) -> String {
        switch address {
        case .unixSocket(let path): "may this user open \(path) (group docker)"
        case .ssh(let destination):
            "may the SSH user open \(destination.socketPath) over there (group docker), and be forwarded to it "
                + "(\(forwarding))"
        case .tcp: "do its certificates and its name match"
        }
    }

    /// The settings that keep an SSH server from forwarding to a socket.
    private static let forwarding =
        "AllowTcpForwarding, AllowStreamLocalForwarding, PermitOpen and DisableForwarding in sshd_config, restrict and "
        + "no-port-forwarding in authorized_keys"
}
