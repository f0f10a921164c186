/// The name of an image in Docker's reference grammar: `[registry/]path[:tag][@digest]`.
///
/// Source: the grammar in distribution/reference. ``description`` is the text as written, with nothing added.
package struct ImageReference: Hashable, Sendable, CustomStringConvertible {
    package let description: String
    /// Registry and path: the part before the tag and the digest.
    package let repository: String
    package let tag: String?
    /// `sha256:…`, if the reference pins a digest.
    package let digest: String?

    /// Parses `text` by the grammar, or throws a sentence that says what is wrong with it.
    package init(_ text: String) throws(InvalidImageReference) {
        guard !text.isEmpty else { throw InvalidImageReference("an image name must not be empty") }
        guard text.utf8.count <= 512 else { throw InvalidImageReference("an image name must have at most 512 bytes") }
        let (named, digest) = try Self.splitDigest(text)
        let (repository, tag) = Self.splitTag(named)
        try Self.check(repository: repository)
        if let tag { try Self.check(tag: tag) }
        self.description = text
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    /// What a pull requests from the registry: the digest, else the tag, else `latest`.
    package var pulledVersion: String { digest ?? tag ?? "latest" }

    /// The name in full, the same for all spellings of one name: `docker.io/library/nginx:latest` for `nginx`.
    ///
    /// With a digest, the tag is left out, as an engine leaves it out.
    package var canonical: String {
        let parts = repository.split(separator: "/", maxSplits: 1)
        let hasRegistry = parts.count == 2 && Self.isRegistry(parts[0])
        var path = hasRegistry ? String(parts[1]) : repository
        if registry == .usual, !path.contains("/") { path = "library/\(path)" }
        return "\(registry)/\(path)" + (digest.map { "@\($0)" } ?? ":\(tag ?? "latest")")
    }

    /// The name by which an engine finds this image and no other.
    ///
    /// An engine takes `5e0c` and `sha256:5e0c` for the beginning of an image's id if no image has that name.
    package var unambiguous: String {
        let isLikeID =
            digest == nil && tag == nil && repository.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
        return isLikeID || repository == "sha256" ? canonical : description
    }

    private static func splitDigest(_ text: String) throws(InvalidImageReference) -> (String, String?) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return (text, nil)
        case 2:
            guard parts[1].hasPrefix("sha256:"), isSHA256Hex(parts[1].dropFirst(7)) else {
                throw InvalidImageReference("the digest after @ must be sha256: and 64 lower-case hexadecimal digits")
            }
            return (String(parts[0]), String(parts[1]))
        default: throw InvalidImageReference("an image name must have at most one @")
        }
    }

    private static func splitTag(_ named: String) -> (String, String?) {
        guard let colon = named.lastIndex(of: ":"), !named[colon...].contains("/") else { return (named, nil) }
        return (String(named[..<colon]), String(named[named.index(after: colon)...]))
    }

    private static func check(repository: String) throws(InvalidImageReference) {
        guard repository.utf8.count <= 255 else {
            throw InvalidImageReference("an image's registry and path must have at most 255 bytes together")
        }
        guard !isSHA256Hex(repository) else {
            throw InvalidImageReference("64 hexadecimal digits are the id of an image; use its name")
        }
        var components = repository.split(separator: "/", omittingEmptySubsequences: false)
        if components.count > 1, isRegistry(components[0]) { components.removeFirst() }
        for component in components where !isPathComponent(component) {
            throw InvalidImageReference(
                "\(quoted(component)) is not valid in an image name: use a-z and 0-9, "
                    + "with single . _ or - between them"
            )
        }
    }

    private static func check(tag: String) throws(InvalidImageReference) {
        guard let first = tag.utf8.first, first.isAlphanumeric || first == UInt8(ascii: "_"), tag.utf8.count <= 128,
            tag.utf8.allSatisfy({ $0.isAlphanumeric || "_.-".utf8.contains($0) })
        else {
            throw InvalidImageReference(
                "\(quoted(tag)) is not a valid tag: use up to 128 of A-Z, a-z, 0-9, _ . and -, and do not begin with . "
                    + "or -"
            )
        }
    }

    /// Whether a first component names a registry, by Docker's rule: it has a dot or a port, or is `localhost`.
    static func isRegistry(_ text: Substring) -> Bool {
        guard text == "localhost" || text.contains(".") || text.contains(":") else { return false }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, decimal(parts[1]) == nil { return false }
        guard parts.count <= 2 else { return false }
        return parts[0].split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            let bytes = label.utf8
            return bytes.first?.isAlphanumeric == true && bytes.last?.isAlphanumeric == true
                && bytes.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: "-") }
        }
    }

    /// `[a-z0-9]+` joined by one of `.`, `_`, `__` or any number of `-`.
    private static func isPathComponent(_ text: Substring) -> Bool {
        var separator: [UInt8] = []
        var sawText = false
        for byte in text.utf8 {
            if byte.isLowercase || byte.isDigit {
                guard isSeparator(separator) || separator.isEmpty else { return false }
                guard sawText || separator.isEmpty else { return false }
                separator = []
                sawText = true
            } else {
                separator.append(byte)
            }
        }
        return sawText && separator.isEmpty
    }

    private static func isSeparator(_ bytes: [UInt8]) -> Bool {
        let dash = UInt8(ascii: "-")
        let underscore = UInt8(ascii: "_")
        return bytes == [UInt8(ascii: ".")] || bytes == [underscore] || bytes == [underscore, underscore]
            || bytes.allSatisfy { $0 == dash }
    }

    private static func quoted(_ text: some StringProtocol) -> String {
        "\""
            + text.unicodeScalars.prefix(60).map { $0.isASCII && $0.value >= 32 && $0.value != 127 ? String($0) : "?" }
            .joined() + "\""
    }
}

/// Why a text is not an image reference, as a sentence for its author.
package struct InvalidImageReference: Error, Sendable, Equatable {
    package let message: String

    init(_ message: String) { self.message = message }
}
