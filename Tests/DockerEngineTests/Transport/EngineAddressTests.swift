import Testing

@testable import DockerEngine

@Suite struct EngineAddressTests {
    /// The longest socket path on this machine that this program can open.
    private static let longestPath = "/" + String(repeating: "a", count: 102)

    @Test(
        "A valid address is written back as it was read",
        arguments: [
            "unix:///var/run/docker.sock", "unix://\(longestPath)", "ssh://host", "ssh://user@host", "ssh://host:22",
            "ssh://_u.s-e_r@10.0.0.1:65535/run/user/1000/docker.sock", "ssh://alias_name", "ssh://[::1]",
            "ssh://[::1]:22/run/x.sock", "ssh://deploy@[2001:db8::1]:2222", "ssh://host\(longestPath)",
            "ssh://h/var/run/a..b", "tcp://host:2376?certs=/etc/certs", "tcp://[::1]:2376?certs=/a",
            "tcp://127.0.0.1:2375?tls=off", "tcp://[::1]:2375?tls=off", "tcp://localhost:1?tls=off",
        ]
    )
    func roundTrip(_ text: String) throws {
        let address = try EngineAddress(text)
        #expect(address.description == text)
        #expect(try EngineAddress(address.description) == address)
    }

    @Test(
        "The default socket is left out",
        arguments: ["ssh://u@h", "ssh://u@h/", "ssh://u@h/var/run/docker.sock"]
    )
    func defaultSocket(_ text: String) throws {
        let address = try EngineAddress(text)
        #expect(address.description == "ssh://u@h")
        #expect(address == (try EngineAddress("ssh://u@h")))
    }

    @Test(
        "A user's name that cannot be written is pointed to an alias",
        arguments: ["u+x", "a\\\\b", "u$", "u@v", "1u", ""]
    )
    func alias(_ user: String) {
        let error = #expect(throws: InvalidEngineAddress.self) { try EngineAddress("ssh://\(user)@h") }
        #expect(error?.message.contains("define an alias in the OpenSSH configuration") == true)
    }

    @Test("The parts of an ssh address are told apart")
    func parts() throws {
        let destination = try SSHDestination("user@[fe80::1]:22/run/x.sock")
        #expect(destination.user == "user")
        #expect(destination.host == "fe80::1")
        #expect(destination.port == 22)
        #expect(destination.socketPath == "/run/x.sock")
        let bare = try SSHDestination("alias_name")
        #expect(bare.user == nil)
        #expect(bare.port == nil)
        #expect(bare.socketPath == "/var/run/docker.sock")
    }

    @Test(
        "A host, user or port that ssh or a shell could take for something else is refused",
        arguments: [
            "-oProxyCommand=touch x", "-oProxyCommand=touch", "-h", "--", "-l@h", "u@-h", "-u@h", "u@-oProxyCommand=x",
            "u:pw@h", ":@h", "@h", "u@", "u@v@h", "h;id", "h|id", "h&id", "h>x", "$(id)", "u@$(id)", "$(id)@h", "`id`",
            "u@`id`", "h\nid", "h\r", "h\u{0}", "h\t", "h id", " h", "h ", "hö", "ｈ", "h\u{200B}", "h\u{202E}", "🐳",
            "u\u{301}@h", "h'", "h\"", "h\\x", "h%h", "%h", "h*", "h?", "h#x", "h,x", "h=x", "h!", "~", "{a,b}", "h@",
            "",
            "/", "/var/run/docker.sock", ".h", "_h", ":22", "h:", "h:0", "h:65536", "h:+22", "h:-1", "h:22x", "h:２２",
            "h:22:22", "h:99999999999999999999", "h:0x16", "[::1", "::1", "[h]", "[]", "[:]22", "[::1]22", "[::1]x",
            "[::1%eth0]", "[-oProxyCommand=x]", "[::1]:", "[::1]:0", "[::g]", "1u@h", "u/v@h", "u%h@h",
            String(repeating: "h", count: 254), String(repeating: "u", count: 65) + "@h",
            String(repeating: "h", count: 2000),
        ]
    )
    func hostileAuthority(_ text: String) {
        expectRefusal(of: "ssh://" + text)
    }

    @Test(
        "A socket's path that ssh could cut or expand, or that leads upwards, is refused",
        arguments: [
            "/..", "/../x", "/a/../b", "/a/..", "/a:b", "/a:/b", "/a b", "/a\n", "/a\u{0}b", "/~/x", "/%d/x", "/$HOME",
            "/${HOME}/x", "/`id`", "/a;id", "/a\\b", "/a\"b", "/a'b", "/a*", "/a?b", "/a#b", "/a,b", "/a=b", "/ö", "/ａ",
            "/a%2f..", "/a&b", "/a|b", longestPath + "aaaaa",
        ]
    )
    func hostilePath(_ path: String) {
        expectRefusal(of: "ssh://h" + path)
        expectRefusal(of: "unix://" + path)
    }

    @Test(
        "A unix socket's path is absolute",
        arguments: ["docker.sock", "./docker.sock", "~/docker.sock", "", "host/x"]
    )
    func relativePath(_ path: String) {
        expectRefusal(of: "unix://" + path)
    }

    @Test(
        "Another scheme, or none, is refused",
        arguments: [
            "", "host", "/var/run/docker.sock", "http://h:1", "https://h:1", "npipe:////./pipe/x", "fd://", "SSH://h",
            "ssh:h", "ssh:/h", "://h", "ssh //h", "-ssh://h", "unix:/x", "file:///x", "ssh\n://h",
        ]
    )
    func scheme(_ text: String) {
        expectRefusal(of: text)
    }

    @Test(
        "TCP without certificates is refused",
        arguments: [
            "h:2376", "h:2376?", "h:2376?certs=", "h:2376?certs=rel", "h:2376?certs=~/x", "h:2376?tls=on", "h:2376?tls",
            "h:2375?TLS=OFF", "h:2376?x=y", "127.0.0.1:2375", "localhost:2375", "h?certs=/a", "h:?certs=/a",
            "h:0?certs=/a", "h:65536?certs=/a", ":2376?certs=/a", "u@h:2376?certs=/a", "h:2376/x?certs=/a",
            "h:2376/?certs=/a", "127.0.0.1:2375?tls=off&certs=/a", "127.0.0.1:2375?tls=offx", "?tls=off", "",
        ]
    )
    func tcpWithoutCertificates(_ text: String) {
        expectRefusal(of: "tcp://" + text)
    }

    @Test(
        "TCP without TLS is refused off the loopback interface, however alike the name looks",
        arguments: [
            "0.0.0.0", "127.0.0.1.evil.com", "localhost.evil", "localhost.", "evil-localhost", "10.0.0.1", "[::]",
            "[::ffff:10.0.0.1]", "[::11]", "[1::1]", "host", "127.0.0.1.", "127.0.0.10", "localhosts", "0",
            "2130706433",
        ]
    )
    func plaintextElsewhere(_ host: String) {
        expectRefusal(of: "tcp://\(host):2375?tls=off")
        #expect(throws: Never.self) { try EngineAddress("tcp://\(host):2375?certs=/a") }
    }

    private func expectRefusal(of text: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let error = #expect(throws: InvalidEngineAddress.self, sourceLocation: sourceLocation) {
            try EngineAddress(text)
        }
        #expect(isCleanLine(error?.message ?? ""), sourceLocation: sourceLocation)
    }
}
