import DockerEngine
import JSON
import Testing

@testable import Berth

@Suite struct ImagePatternTests {
    private static let digest = "sha256:" + String(repeating: "0a", count: 32)

    @Test(arguments: [
        ("*", "nginx"), ("*", "evil.example:5000/a/b@\(digest)"),
        ("docker.io/library/nginx", "nginx"), ("docker.io/library/nginx", "nginx:1.29"),
        ("docker.io/library/nginx", "library/nginx"), ("docker.io/library/nginx", "docker.io/nginx"),
        ("docker.io/library/nginx", "index.docker.io/library/nginx:1"),
        ("docker.io/library/nginx", "nginx@\(digest)"), ("docker.io/library/nginx", "nginx:1@\(digest)"),
        ("docker.io/library/*", "nginx:1"), ("docker.io/*", "acme/web"), ("docker.io/acme/*", "acme/web/part"),
        ("docker.io/library/nginx:latest", "nginx"), ("docker.io/library/nginx:1.*", "nginx:1.29"),
        ("docker.io/library/nginx@sha256:*", "nginx:1@\(digest)"),
        ("docker.io/library/nginx@\(digest)", "nginx@\(digest)"),
        ("reg.example/acme/*", "REG.example/acme/web"), ("REG.EXAMPLE/acme/*", "reg.example/acme/web"),
        ("*.example.org/*", "a.b.example.org/web"), ("*.example.org:5000/*", "a.example.org:5000/web"),
        ("localhost:5000/web", "localhost:5000/web:3"), ("*/acme/web", "reg.example/acme/web"), ("*/*", "nginx"),
        ("reg.example/acme/web*", "reg.example/acme/webshop"), ("reg.example/*/web", "reg.example/a/b/web"),
        ("reg.example/acme/web:V*", "reg.example/acme/web:V1"),
    ])
    func `An image is matched by its full name`(pattern: String, image: String) throws {
        #expect(try ImagePattern(pattern).matches(ImageReference(image)))
    }

    @Test(arguments: [
        ("docker.io/library/nginx", "nginx-evil"), ("docker.io/library/nginx", "evil/nginx"),
        ("docker.io/library/nginx", "evil.example/library/nginx"),
        ("docker.io/library/nginx", "docker.io:443/library/nginx"),
        ("docker.io/library/nginx:latest", "nginx:1"), ("docker.io/library/nginx:1", "nginx:1@\(digest)"),
        ("docker.io/library/nginx:1.*", "nginx:1"), ("docker.io/library/nginx:V1", "nginx:v1"),
        ("docker.io/library/nginx@sha256:*", "nginx:1"), ("docker.io/library/*", "acme/nginx"),
        ("docker.io/acme/*", "acme"), ("reg.example/acme/*", "reg.example/acme-evil/web"),
        ("reg.example/acme/*", "evil.example/reg.example/acme/web"), ("reg.example/*", "reg.example.evil.example/web"),
        // The star of a registry does not reach into a path.
        ("*.example.org/*", "evil.example/a.example.org/web"), ("*.example.org/*", "example.org/web"),
        ("reg.example/acme/web:*", "reg.example/acme/web@\(digest)"),
    ])
    func `Another image is not matched`(pattern: String, image: String) throws {
        #expect(try !ImagePattern(pattern).matches(ImageReference(image)))
    }

    @Test(arguments: [
        "", "nginx", "nginx:*", "library/nginx", "acme/*", "**", "reg.example", "reg.example*", "reg.example/", "/web",
        "docker.io/nginx", "docker.io/nginx:1", "index.docker.io/a/b", "reg.example/Acme/web",
        "reg.example/acme/web:1@\(digest)", "reg.example/a b", "reg.example/a\n", "reg.example/é", "reg.example/a@b@c",
        String(repeating: "a.", count: 256) + "/a", "reg.example/a:b/c",
    ])
    func `A pattern that no full name could match is rejected, and says why`(text: String) {
        let error = #expect(throws: InvalidValue.self) { try ImagePattern(text) }
        #expect(error?.message.hasPrefix("must be") == true || error?.message.hasPrefix("matches no image") == true)
    }

    @Test func `A pattern is returned as it was given`() throws {
        for text in ["*", "REG.example/acme/*", "docker.io/library/nginx:1.*"] {
            #expect(try ImagePattern(text).description == text)
            #expect(try FieldDecoder.imagePattern.read(.string(text), .root).json == .string(text))
        }
        #expect(try ImagePattern("*") == .any)
    }
}
