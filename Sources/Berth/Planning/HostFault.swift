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
                "The SSH server rejects the login (\(failure.message)). Add the public key of this server's user to "
                    + "authorized_keys on the host; a key with a passphrase must be in an agent. The next attempt is "
                    + "in a minute."
            )
        case .keyUnusable: keyUnusable(failure)
        case .otherUserWanted:
            (
                .unreachable(.authFailed),
                "The SSH server only shows this user a message: \(failure.message) Use the user that it names in the "
                    + "endpoint: ssh://user@host."
            )
        case .tooFewSessions:
            (
                .unreachable(.engineDown),
                "\(failure.message) Allow forwarding to the socket (\(Self.forwarding)), or increase MaxSessions in "
                    + "sshd_config on the host."
            )
        case .hostKeyUnknown:
            (
                .untrusted,
                "The SSH server's key is unknown. Compare its fingerprint with the one on the server itself, then "
                    + "approve it."
            )
        case .hostKeyChanged:
            (
                .unreachable(.hostKeyChanged),
                "The SSH server's key is not the one that was approved; the connection may be intercepted. If the key "
                    + "was changed on purpose, approve the new key."
            )
        case .misconfigured:
            (
                .unreachable(.sshMisconfigured),
                "The configuration of ssh does not work (\(failure.message)). Try ssh to the host in a terminal, as "
                    + "this server's user."
            )
        case .nothingInCommon:
            (
                .unreachable(.sshMisconfigured),
                "ssh and the SSH server have no common algorithm (\(failure.message)). Upgrade the older one, or "
                    + "enable an algorithm that it supports in the OpenSSH configuration of this server's user, such "
                    + "as HostKeyAlgorithms +ssh-rsa."
            )
        }
    }

    /// The fault for an error that ssh reports about a jump host or a ProxyCommand.
    private static func beforeServer(_ failure: SSHFailure) -> (HostState, String) {
        switch failure.reason {
        case .hostKeyUnknown:
            (
                .untrusted,
                "The key of a jump host is unknown, and cannot be approved through Berth. Log in to the jump host in a "
                    + "terminal once, as this server's user, and compare its fingerprint: ssh then adds the key to "
                    + "that user's known_hosts."
            )
        case .hostKeyChanged:
            (
                .unreachable(.hostKeyChanged),
                "The key of a jump host has changed; the connection may be intercepted. If the key was changed on "
                    + "purpose, remove the earlier key from the known_hosts of this server's user (ssh-keygen -R) and "
                    + "log in to the jump host in a terminal once."
            )
        case .authenticationFailed:
            (
                .unreachable(.authFailed),
                "A jump host rejects the login (\(failure.message)). Add the public key of this server's user to "
                    + "authorized_keys there, or set User and IdentityFile in its Host block; the next attempt is in a "
                    + "minute."
            )
        case .keyUnusable: keyUnusable(failure)
        case .misconfigured:
            (
                .unreachable(.sshMisconfigured),
                "The configuration of the jump host or ProxyCommand does not work (\(failure.message)). Correct it, or "
                    + "install the program that it names in the PATH of this server; try ssh in a terminal, as this "
                    + "server's user."
            )
        case .unreachable, .sessionRefused, .tooFewSessions, .otherUserWanted, .nothingInCommon:
            (
                .unreachable(.sshDown),
                "There is no SSH connection through the jump host or ProxyCommand (\(failure.message)). Check that it "
                    + "works in a terminal, as this server's user, that the jump host allows forwarding "
                    + "(AllowTcpForwarding), and that the server behind it is up."
            )
        }
    }

    private static func keyUnusable(_ failure: SSHFailure) -> (HostState, String) {
        (
            .unreachable(.authFailed),
            "The login failed because ssh cannot use a private key of this server's user (\(failure.message)). Only "
                + "that user may be able to read it (chmod 600), and it must be in OpenSSH's format; the next attempt "
                + "is in a minute."
        )
    }

    private static func version(_ mismatch: EngineVersionMismatch) -> (HostState, String) {
        switch mismatch {
        case .engineTooOld(let speaks):
            (
                .unreachable(.engineTooOld),
                "The engine supports API \(speaks); Berth needs \(APIVersion.oldest). Upgrade Docker to 20.10 or later."
            )
        case .engineTooNew(let needs):
            (
                .unreachable(.engineTooNew),
                "The engine needs at least API \(needs); this version of Berth supports up to \(APIVersion.newest). "
                    + "Upgrade Berth."
            )
        }
    }

    private static func engine(_ error: EngineError, address: EngineAddress) -> (HostState, String) {
        switch error {
        case .timedOut(let limit):
            (
                .unreachable(.engineHung),
                "The engine accepts connections but does not respond within \(limit). Check dockerd on the host."
            )
        case .unreachable(let reason):
            (
                .unreachable(.engineDown),
                "The engine cannot be reached: \(reason). Check that Docker is running, and that "
                    + "\(access(to: address))."
            )
        case .status(500..., let message):
            (
                .unreachable(.engineDown),
                "The engine reports a failure of its own: \(message). Read its log on the host."
            )
        case .status, .undecodable, .busy:
            (.unreachable(.notDocker), "The server at \(address) is not a Docker Engine: \(error).")
        }
    }

    private static func access(to address: EngineAddress) -> String {
        switch address {
        case .unixSocket(let path): "this user may open \(path) (group docker)"
        case .ssh(let destination):
            "the SSH user may open \(destination.socketPath) on the host (group docker) and may forward to it "
                + "(\(forwarding))"
        case .tcp: "its certificates and its name match"
        }
    }

    /// The settings that prevent an SSH server from forwarding to a socket.
    private static let forwarding =
        "AllowTcpForwarding, AllowStreamLocalForwarding, PermitOpen and DisableForwarding in sshd_config, restrict and "
        + "no-port-forwarding in authorized_keys"
}
