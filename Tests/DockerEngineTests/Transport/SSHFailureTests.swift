import Testing

@testable import DockerEngine

/// The texts are what OpenSSH 9.2 wrote to its standard error in each of these situations.
@Suite struct SSHFailureTests {
    @Test("A host whose key nobody has approved")
    func unknownKey() {
        let text = """
            No ED25519 host key is known for [127.0.0.1]:22931 and you have requested strict checking.\r
            Host key verification failed.\r

            """
        let known = "No ED25519 host key is known for [127.0.0.1]:22931 and you have requested strict checking."
        expect(.hostKeyUnknown, in: text, saying: known + "; Host key verification failed.")
    }

    @Test("A host whose key is another one now")
    func changedKey() {
        let text = """
            @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r
            @    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r
            @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r
            IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\r
            Someone could be eavesdropping on you right now (man-in-the-middle attack)!\r
            It is also possible that a host key has just been changed.\r
            The fingerprint for the ED25519 key sent by the remote host is\r
            SHA256:UIHKdv/8ncyQw9g/1Afy2lm468Q+k4dr9t2E9BW2uZ0.\r
            Please contact your system administrator.\r
            Add correct host key in /etc/berth/known_hosts to get rid of this message.\r
            Offending ED25519 key in /etc/berth/known_hosts:1\r
            Host key for [127.0.0.1]:22931 has changed and you have requested strict checking.\r
            Host key verification failed.\r

            """
        #expect(SSHFailure(standardError: text, exitCode: 255).reason == .hostKeyChanged)
    }

    @Test("A login that the server does not take")
    func permissionDenied() {
        let said = "root@127.0.0.1: Permission denied (publickey)."
        expect(.authenticationFailed, in: said + "\r\n", saying: said)
    }

    @Test func `The end of an established tunnel is not a refusal`() {
        func failure(_ text: String, _ exitCode: Int32?) -> SSHFailure {
            SSHFailure(standardError: text, exitCode: exitCode, hadStood: true)
        }
        let ended = failure("Connection to 127.0.0.1 closed.\r\n", 3)
        #expect(ended == SSHFailure(reason: .unreachable, message: "the session on the host ended"))
        #expect(failure("", 0) == ended)
        let said = "Timeout, server 10.0.0.9 not responding."
        let broken = failure("PTY allocation request failed on channel 1\r\n\(said)\r\n", 255)
        #expect(broken == SSHFailure(reason: .unreachable, message: said))
        #expect(failure("", nil).reason == .unreachable)
        #expect(failure("Host key verification failed.", 255).reason == .hostKeyUnknown)
    }

    @Test(
        "A server that cannot be reached",
        arguments: [
            "ssh: connect to host 127.0.0.1 port 22999: Connection refused",
            "ssh: connect to host 10.0.0.9 port 22: Connection timed out",
            "ssh: connect to host 10.0.0.9 port 22: No route to host",
            "ssh: Could not resolve hostname no-such-host.invalid: Name or service not known",
            "Connection timed out during banner exchange",
            "Connection closed by 10.0.0.9 port 22",
            "kex_exchange_identification: Connection closed by remote host",
            "Timeout, server 10.0.0.9 not responding.",
            "client_loop: send disconnect: Broken pipe",
        ]
    )
    func unreachable(_ said: String) {
        expect(.unreachable, in: said + "\r\n", saying: said)
    }

    @Test(
        "A configuration that ssh does not take",
        arguments: [
            "conf: line 1: Bad configuration option: nonsense\r\nconf: terminating, 1 bad configuration options",
            "Can't open user config file /etc/berth/ssh_config: No such file or directory",
            "Bad owner or permissions on /root/.ssh/config",
            "Bad local forwarding specification '/a:b'",
        ]
    )
    func misconfigured(_ said: String) {
        #expect(SSHFailure(standardError: said + "\r\n", exitCode: 255).reason == .misconfigured)
    }

    @Test(
        "A server that lets us in but gives no session",
        arguments: [
            // PermitTTY no
            "PTY allocation request failed on channel 1\r\n",
            // MaxSessions 0
            "channel 1: open failed: connect failed: open failed\r\nConnection to 127.0.0.1 closed.\r\n",
            "exec request failed on channel 1\r\n",
            "Session open refused by peer\r\n",
        ]
    )
    func sessionRefused(_ said: String) {
        #expect(SSHFailure(standardError: said, exitCode: 255).reason == .sessionRefused)
    }

    @Test("A session that ends at once by a forced command is a refused one")
    func forcedCommand() {
        let failure = SSHFailure(standardError: "Connection to 127.0.0.1 closed.\r\n", exitCode: 1)
        #expect(failure.reason == .sessionRefused)
    }

    @Test("An engine's socket that cannot be opened over there says nothing about the session")
    func forwardingRefused() {
        let text = """
            channel 2: open failed: connect failed: open failed\r
            channel 11: open failed: connect failed: open failed\r
            Timeout, server 10.0.0.9 not responding.\r

            """
        expect(.unreachable, in: text, saying: "Timeout, server 10.0.0.9 not responding.")
    }

    @Test("A key that ssh does not use is told from a login that the server does not take")
    func unusableKey() {
        let denied = "root@127.0.0.1: Permission denied (publickey)."
        let text = """
            @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r
            @         WARNING: UNPROTECTED PRIVATE KEY FILE!          @\r
            @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r
            Permissions 0644 for '/home/berth/.ssh/id_ed25519' are too open.\r
            It is required that your private key files are NOT accessible by others.\r
            This private key will be ignored.\r
            Load key "/home/berth/.ssh/id_ed25519": bad permissions\r
            \(denied)\r

            """
        let loading = #"Load key "/home/berth/.ssh/id_ed25519": bad permissions"#
        expect(.keyUnusable, in: text, saying: "\(loading); \(denied)")
        let garbage = #"Load key "key": error in libcrypto"#
        expect(.keyUnusable, in: "\(garbage)\r\n\(denied)\r\n", saying: "\(garbage); \(denied)")
        let missing = "no such identity: /nonexistent/x: No such file or directory"
        expect(.authenticationFailed, in: "\(missing)\r\n\(denied)\r\n", saying: "\(missing); \(denied)")
        // Another key was accepted: a later failure is a different matter.
        let broken = "Timeout, server 10.0.0.9 not responding."
        #expect(SSHFailure(standardError: text + broken, exitCode: 255).reason == .keyUnusable)
        #expect(SSHFailure(standardError: "\(loading)\r\n\(broken)", exitCode: 255).reason == .unreachable)
    }

    @Test(
        "What ssh refuses before it connects is shown, and is its configuration",
        arguments: [
            (
                "conf: line 2: Bad configuration option: nonsense\r\nconf: terminating, 1 bad configuration options",
                "nonsense"
            ),
            ("conf line 2: Bad port 'abc'.\r\nconf: terminating, 1 bad configuration options", "Bad port 'abc'"),
            ("conf line 2: unsupported option \"maybe\".\r\nconf: terminating, 1 bad configuration options", "maybe"),
            (
                "vdollar_percent_expand: env var ${NOPE} has no value\r\n"
                    + "command-line line 0: Invalid environment expansion ${NOPE}/x.", "${NOPE}"
            ),
            ("vdollar_percent_expand: unknown key %Q\r\npercent_dollar_expand: failed", "%Q"),
        ]
    )
    func refusedBefore(_ text: String, _ telling: String) {
        let failure = SSHFailure(standardError: text + "\r\n", exitCode: 255)
        #expect(failure.reason == .misconfigured)
        #expect(failure.message.contains(telling))
    }

    private static let proxyEnd = """
        kex_exchange_identification: Connection closed by remote host\r
        Connection closed by UNKNOWN port 65535\r

        """

    @Test(
        "What a jump host or a ProxyCommand says is told from what the server says",
        arguments: [
            ("Host key verification failed.\r\n", .hostKeyUnknown),
            ("root@127.0.0.1: Permission denied (publickey).\r\n", .authenticationFailed),
            ("channel 0: open failed: administratively prohibited: open failed\r\n", .unreachable),
            ("channel 0: open failed: connect failed: Connection refused\r\n", .unreachable),
            ("no credentials\n", .unreachable),
            ("/bin/sh: 1: exec: cloudflared: not found\n", .misconfigured),
            ("/bin/bash: line 1: exec: cloudflared: not found\n", .misconfigured),
            ("zsh:1: command not found: cloudflared\n", .misconfigured),
            ("/bin/bash: line 1: /no/such/nc: No such file or directory\n", .misconfigured),
            ("/bin/bash: line 1: exec: /etc/passwd: cannot execute: Permission denied\n", .misconfigured),
            ("ssh: Could not resolve hostname jump: Name or service not known\r\n", .unreachable),
        ] as [(String, SSHFailure.Reason)]
    )
    func proxy(_ said: String, _ reason: SSHFailure.Reason) {
        let text = "Pseudo-terminal will not be allocated because stdin is not a terminal.\r\n" + said + Self.proxyEnd
        let failure = SSHFailure(standardError: text, exitCode: 255)
        let line = String(said.split(whereSeparator: \.isNewline)[0])
        if reason == .unreachable || reason == .misconfigured || reason == .hostKeyUnknown {
            #expect(failure == SSHFailure(reason: reason, message: line, isOfJumpHost: true))
        }
        #expect(failure.reason == reason)
        #expect(!SSHFailure(standardError: said, exitCode: 255).isOfJumpHost)
    }

    @Test("Client and server that have no algorithm in common")
    func nothingInCommon() {
        let said = "Unable to negotiate with 10.0.0.9 port 22: no matching host key type found. Their offer: ssh-rsa"
        expect(.nothingInCommon, in: said + "\r\n", saying: said)
    }

    @Test("Without a word the way is taken to be broken")
    func silent() {
        expect(.unreachable, in: "", saying: "ssh ended without a message")
        #expect(SSHFailure(standardError: "", exitCode: nil).reason == .unreachable)
    }

    @Test("What a server had ssh print is cleaned before it is shown")
    func hostileBanner() {
        let text = "\u{1B}]0;owned\u{7}" + String(repeating: "🐳", count: 5000)
        #expect(isCleanLine(SSHFailure(standardError: text, exitCode: 255).message))
    }

    private func expect(
        _ reason: SSHFailure.Reason,
        in text: String,
        saying message: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let failure = SSHFailure(standardError: text, exitCode: 255)
        #expect(failure == SSHFailure(reason: reason, message: message), sourceLocation: sourceLocation)
    }
}
