import DockerEngine
import Testing

@testable import Berth
@testable import DockerEngine

@Suite struct HostFaultTests {
    private let address: EngineAddress

    init() throws { address = try EngineAddress("ssh://deploy@web.example.org") }

    private func fault(_ error: any Error) -> HostFault { HostFault(error, address: address) }

    @Test(
        arguments: [
            (.unreachable, .unreachable(.sshDown), "Check that the server is up and sshd runs."),
            (.sessionRefused, .unreachable(.sshDown), "Check that the server is up and sshd runs."),
            (.authenticationFailed, .unreachable(.authFailed), "Add the public key of this server's user to "),
            (.hostKeyUnknown, .untrusted, "then approve it"),
            (.hostKeyChanged, .unreachable(.hostKeyChanged), "approve the new key"),
            (.misconfigured, .unreachable(.sshMisconfigured), "The configuration of ssh does not work"),
            (.keyUnusable, .unreachable(.authFailed), "may be able to read it (chmod 600)"),
            (.otherUserWanted, .unreachable(.authFailed), "what ssh said Use the user that it names"),
            (.nothingInCommon, .unreachable(.sshMisconfigured), "HostKeyAlgorithms +ssh-rsa"),
            (.tooFewSessions, .unreachable(.engineDown), "increase MaxSessions"),
        ] as [(SSHFailure.Reason, HostState, String)]
    )
    func `Each ssh failure has its own state and advice`(
        _ reason: SSHFailure.Reason,
        _ state: HostState,
        _ advice: String
    ) {
        let fault = fault(SSHFailure(reason: reason, message: "what ssh said"))
        #expect(fault.state == state)
        #expect(fault.message(presentedKey: nil).contains(advice))
    }

    @Test(
        arguments: [
            (.hostKeyUnknown, .untrusted, "cannot be approved through Berth"),
            (.hostKeyChanged, .unreachable(.hostKeyChanged), "ssh-keygen -R"),
            (.authenticationFailed, .unreachable(.authFailed), "A jump host rejects the login"),
            (.misconfigured, .unreachable(.sshMisconfigured), "install the program that it names in the PATH"),
            (.unreachable, .unreachable(.sshDown), "through the jump host or ProxyCommand (what ssh said)"),
        ] as [(SSHFailure.Reason, HostState, String)]
    )
    func `Failures of a jump host have advice of their own, without a key to approve`(
        _ reason: SSHFailure.Reason,
        _ state: HostState,
        _ advice: String
    ) {
        let fault = fault(SSHFailure(reason: reason, message: "what ssh said", isOfJumpHost: true))
        #expect(fault.state == state)
        #expect(fault.message(presentedKey: nil).contains(advice))
        #expect(!fault.wantsHostKey)
        #expect(!fault.message(presentedKey: nil).contains("/trust"))
    }

    @Test(
        arguments: [
            (.timedOut(.seconds(10)), .engineHung, "Check dockerd on the host."),
            (
                .unreachable("refused"), .engineDown,
                "cannot be reached: refused. Check that Docker is running, and that"
            ),
            (
                .status(500, message: "locked"), .engineDown,
                "a failure of its own: locked. Read its log on the host."
            ),
            (.status(403, message: "no"), .notDocker, "is not a Docker Engine"),
            (.undecodable("html"), .notDocker, "is not a Docker Engine"),
            (.busy, .notDocker, "too many concurrent connections"),
        ] as [(EngineError, HostState.Reason, String)]
    )
    func `Each engine failure has its own state and advice`(
        _ error: EngineError,
        _ reason: HostState.Reason,
        _ advice: String
    ) {
        let fault = fault(error)
        #expect(fault.state == .unreachable(reason))
        #expect(fault.message(presentedKey: nil).contains(advice))
    }

    @Test func `Engines that are too old or too new are distinguished, with advice on what to upgrade`() {
        let old = fault(EngineVersionMismatch.engineTooOld(speaks: APIVersion(major: 1, minor: 24)))
        #expect(old.state == .unreachable(.engineTooOld))
        #expect(old.message(presentedKey: nil).hasSuffix("Upgrade Docker to 20.10 or later."))
        let new = fault(EngineVersionMismatch.engineTooNew(needs: APIVersion(major: 2, minor: 0)))
        #expect(new.state == .unreachable(.engineTooNew))
        #expect(new.message(presentedKey: nil).hasSuffix("Upgrade Berth."))
    }

    @Test(
        arguments: [
            ("unix:///var/run/docker.sock", "this user may open /var/run/docker.sock (group docker)"),
            ("ssh://web/run/other.sock", "the SSH user may open /run/other.sock on the host"),
            ("tcp://10.0.0.1:2376?certs=/certs", "its certificates and its name match"),
        ]
    )
    func `The advice fits the type of the engine's address`(_ endpoint: String, _ advice: String) throws {
        let fault = HostFault(EngineError.unreachable("refused"), address: try EngineAddress(endpoint))
        #expect(fault.message(presentedKey: nil).contains(advice))
    }

    @Test func `The presented key is shown only if the user has to judge it`() throws {
        let key = try #require(SSHHostKey(knownHostsLine: "web.example.org ssh-ed25519 AAAA"))
        let unknown = fault(SSHFailure(reason: .hostKeyUnknown, message: ""))
        #expect(unknown.wantsHostKey)
        #expect(unknown.message(presentedKey: key).hasSuffix(" It presents \(key.fingerprint)."))
        #expect(fault(SSHFailure(reason: .hostKeyChanged, message: "")).wantsHostKey)
        let down = fault(SSHFailure(reason: .unreachable, message: ""))
        #expect(!down.wantsHostKey)
        #expect(!down.message(presentedKey: key).contains(key.fingerprint))
    }

    @Test func `A refused login is retried after a minute at the earliest, an untrusted key after ten seconds`() {
        #expect(HostFault.leastPause(after: .unreachable(.authFailed)) == .seconds(60))
        #expect(HostFault.leastPause(after: .untrusted) == .seconds(10))
        #expect(HostFault.leastPause(after: .unreachable(.hostKeyChanged)) == .seconds(10))
        #expect(HostFault.leastPause(after: .unreachable(.sshMisconfigured)) == .seconds(10))
        #expect(HostFault.leastPause(after: .unreachable(.engineDown)) == .zero)
        #expect(HostFault.leastPause(after: .connected) == .zero)
    }
}
