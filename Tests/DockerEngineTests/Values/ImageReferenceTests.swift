import Testing

@testable import DockerEngine

@Suite struct ImageReferenceTests {
    private static let digest = "sha256:" + String(repeating: "0a", count: 32)
    private static let label = String(repeating: "a", count: 60)

    @Test(
        "A reference comes apart as Docker takes it apart",
        arguments: [
            ("nginx", "nginx", nil, nil),
            ("nginx:1.25", "nginx", "1.25", nil),
            ("nginx:V1.25_rc-1", "nginx", "V1.25_rc-1", nil),
            ("nginx:_x", "nginx", "_x", nil),
            ("library/nginx", "library/nginx", nil, nil),
            ("127.0.0.1:5000/a/b:tag", "127.0.0.1:5000/a/b", "tag", nil),
            ("127.0.0.1:5000/a/b", "127.0.0.1:5000/a/b", nil, nil),
            ("localhost/x", "localhost/x", nil, nil),
            ("localhost:5000/x", "localhost:5000/x", nil, nil),
            ("host:65535/x", "host:65535/x", nil, nil),
            ("Registry.Example.COM/x:1", "Registry.Example.COM/x", "1", nil),
            ("a.b/c@\(digest)", "a.b/c", nil, digest),
            ("a.b/c:1@\(digest)", "a.b/c", "1", digest),
            ("with_under__scores", "with_under__scores", nil, nil),
            ("a--b/c---d.e", "a--b/c---d.e", nil, nil),
            ("host:5000", "host", "5000", nil),
            ("nginx:\(String(repeating: "t", count: 128))", "nginx", String(repeating: "t", count: 128), nil),
            (name(ofBytes: 255), name(ofBytes: 255), nil, nil),
        ] as [(String, String, String?, String?)]
    )
    func valid(_ text: String, repository: String, tag: String?, digest: String?) throws {
        let reference = try ImageReference(text)
        #expect(reference.repository == repository)
        #expect(reference.tag == tag)
        #expect(reference.digest == digest)
        #expect(reference.description == text)
    }

    @Test(
        "What Docker's grammar does not allow is refused in one clean line",
        arguments: [
            "", " ", "/", ":", "@", "--privileged", "-a", "a-", "_a", "a_", ".a", "a.", "a..b", "a___b", "a._b", "a.-b",
            "Nginx", "library/Nginx", "nginx:", ":tag", "a//b", "../x", "a/../b", "a/./b", "./a", "a/", "/a", "a b",
            " a",
            "a ", "a\n", "a\r\n", "a\tb", "a\u{0}", "a\u{0}b", "🐳", "a/🐳", "a:🐳", "é", "ａ", "a\u{301}", "a:\u{301}b",
            "a\\b", "a%2fb", "a?b", "a#b", "a;b", "$(id)", "`id`", "a|b", "a&b", "a'b", "a\"b", "a*", "~a", "a,b",
            "a=b",
            "nginx:-tag", "nginx:.tag", "nginx:a b", "nginx:a/b:", "a:b:c", "a:b:c/d",
            "nginx:\(String(repeating: "t", count: 129))", name(ofBytes: 256), name(ofBytes: 5000),
            String(repeating: "0a", count: 32), "sha256:\(String(repeating: "0a", count: 32))@",
            "host:99999/x", "host:/x", "host:+22/x", "host:-0/x", "host:5000x/x", "host:1:2/x", "host:22/", "-host.x/a",
            "host-.x/a", "a..b/c", ".x/a", "x./a", "[::1]/", "https://x/y", "user@host/x",
            "a@", "@\(digest)", "a@b", "a@b@c", "a@\(digest)@\(digest)", "a@sha256:", "a@sha256:abc", "a@sha512:abc",
            "a@sha256:\(String(repeating: "0A", count: 32))", "a@sha256:\(String(repeating: "0g", count: 32))",
            "a@SHA256:\(String(repeating: "0a", count: 32))", "a@\(digest)0", "a@\(digest)\n", "a@\(digest):tag",
        ]
    )
    func invalid(_ text: String) {
        let error = #expect(throws: InvalidImageReference.self) { try ImageReference(text) }
        #expect(isCleanLine(error?.message ?? ""))
    }

    @Test("A pull asks for the digest before the tag, and for latest without both")
    func pulledVersion() throws {
        #expect(try ImageReference("a").pulledVersion == "latest")
        #expect(try ImageReference("a:1").pulledVersion == "1")
        #expect(try ImageReference("a:1@\(Self.digest)").pulledVersion == Self.digest)
    }

    @Test(
        "All spellings of a name have one canonical form",
        arguments: [
            ("nginx", "docker.io/library/nginx:latest"), ("library/nginx:1", "docker.io/library/nginx:1"),
            ("docker.io/nginx:1", "docker.io/library/nginx:1"), ("index.docker.io/a/b", "docker.io/a/b:latest"),
            ("a/b", "docker.io/a/b:latest"), ("localhost/a", "localhost/a:latest"),
            ("a.b:5000/c/d:1", "a.b:5000/c/d:1"),
            ("nginx:1@\(digest)", "docker.io/library/nginx@\(digest)"),
        ]
    )
    func canonical(_ text: String, _ canonical: String) throws {
        #expect(try ImageReference(text).canonical == canonical)
    }

    @Test(
        "A name that an engine could take for an id is given in full",
        arguments: [
            ("nginx", "nginx"), ("cafe", "docker.io/library/cafe:latest"), ("5", "docker.io/library/5:latest"),
            ("cafe:1", "cafe:1"), ("a/cafe", "a/cafe"), ("cafe@\(digest)", "cafe@\(digest)"),
            ("sha256:5e0c", "docker.io/library/sha256:5e0c"), ("sha256", "docker.io/library/sha256:latest"),
            ("a/sha256:5e0c", "a/sha256:5e0c"), ("cafe-1", "cafe-1"),
        ]
    )
    func unambiguous(_ text: String, _ unambiguous: String) throws {
        #expect(try ImageReference(text).unambiguous == unambiguous)
    }

    @Test(
        "The registry of an image is its host in lower case, or Docker's own",
        arguments: [
            ("nginx", RegistryServer.usual.description), ("a/b:1", RegistryServer.usual.description),
            ("index.docker.io/a/b", RegistryServer.usual.description), ("localhost/a", "localhost"),
            ("A.b:5000/c/d:1", "a.b:5000"), ("a.b/c@\(digest)", "a.b"),
        ]
    )
    func registry(_ text: String, _ registry: String) throws {
        #expect(try ImageReference(text).registry.description == registry)
    }

    @Test(
        "A text that no image's name can begin with is no registry",
        arguments: [
            "", "nginx", "a/b", "a.b/", "a.b:", "a.b:x", "a.b:99999", "-a.b", "https://a.b", "u@a.b", "a.b\n", "a..b",
        ]
    )
    func noRegistry(_ text: String) {
        #expect(RegistryServer(text) == nil)
    }

    private static func name(ofBytes count: Int) -> String {
        var name = String(repeating: label + "/", count: count / 61)
        name += String(repeating: "a", count: count - name.utf8.count)
        return name
    }
}
