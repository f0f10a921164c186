import DockerEngine
import JSON

/// The full names of images, `registry/path[:tag][@digest]`, in which `*` stands for any characters, also for none.
///
/// `*` alone is every image. Otherwise a `*` in the registry's part stands for no slash, so that `*.example.org/*` allows
/// no path of another registry. A pattern without a tag and a digest allows all of them.
struct ImagePattern: Sendable, Hashable, CustomStringConvertible {
    let description: String
    private let parts: Parts?

    /// The parts of a full name.
    private struct Parts: Sendable, Hashable {
        let registry: String
        let path: String
        /// `:tag` or `@digest`; nil for all versions.
        let version: String?

        /// Nil if the text has no slash.
        init?(_ text: String) {
            guard let slash = text.firstIndex(of: "/") else { return nil }
            // Names of hosts have no case.
            registry = text[..<slash].lowercased()
            let rest = text[text.index(after: slash)...]
            let end = rest.firstIndex { $0 == "@" || $0 == ":" } ?? rest.endIndex
            path = String(rest[..<end])
            version = end == rest.endIndex ? nil : String(rest[end...])
        }

        /// Whether all characters occur in full names, apart from `*`; their versions are either a tag or a digest.
        var isPossible: Bool {
            let lowercase = "abcdefghijklmnopqrstuvwxyz0123456789"
            guard path.utf8.allSatisfy("\(lowercase)._-/*".utf8.contains) else { return false }
            guard let version else { return true }
            let others = version.hasPrefix("@") ? ":*" : "ABCDEFGHIJKLMNOPQRSTUVWXYZ_.-*"
            return version.dropFirst().utf8.allSatisfy((lowercase + others).utf8.contains)
        }
    }

    /// Every image.
    static let any = ImagePattern()

    private init() { (description, parts) = ("*", nil) }

    init(_ text: String) throws(InvalidValue) {
        guard text != "*" else {
            self = .any
            return
        }
        guard (1...512).contains(text.utf8.count), text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw InvalidValue("must be 1 to 512 visible ASCII characters, such as docker.io/library/nginx")
        }
        guard let parts = Parts(text), Self.isRegistry(parts.registry), !parts.path.isEmpty else {
            throw InvalidValue(
                "must be \"*\", or begin with a registry: images are compared by their full names, such as "
                    + "docker.io/library/nginx for nginx, or reg.example/acme/*"
            )
        }
        guard parts.registry != "docker.io" || parts.path.contains("/") || parts.path.contains("*") else {
            throw InvalidValue(
                "matches no image: the full name of Docker's own images is docker.io/library/\(parts.path)"
            )
        }
        guard parts.isPossible else {
            throw InvalidValue(
                "matches no image: a path has a-z, 0-9, ., _, - and /, and then :tag or @digest, but not both"
            )
        }
        (description, self.parts) = (text, parts)
    }

    /// Whether it can be the registry of a full name.
    private static func isRegistry(_ text: String) -> Bool {
        guard text != "index.docker.io" else { return false }
        return text == "localhost" || text.contains { ".:*".contains($0) }
    }

    func matches(_ image: ImageReference) -> Bool {
        guard let parts else { return true }
        guard let image = Parts(image.canonical) else { return false }
        return matchesWildcards(image.registry, parts.registry) && matchesWildcards(image.path, parts.path)
            && parts.version.map { matchesWildcards(image.version ?? "", $0) } ?? true
    }
}

extension ImagePattern: JSONRepresentable {
    var json: JSONValue { .string(description) }
}

extension FieldDecoder where Value == ImagePattern {
    static var imagePattern: FieldDecoder {
        FieldDecoder<String>.string(length: 1...512).map(ImagePattern.init(_:), detail: \.message)
    }
}
