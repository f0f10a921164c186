import BerthAPI
import HTTPTypes
import Hummingbird

/// The value of `If-Match` or `If-None-Match` (RFC 9110, 8.8.3 and 13.1).
enum EntityTags: Equatable {
    /// `*`, which matches every existing resource.
    case any
    case tags([EntityTag])

    /// - Throws: `Problem` 400 `invalid_precondition`.
    init(_ field: String, of name: HTTPField.Name) throws(Problem) {
        var scanner = EntityTagScanner(field)
        if field.utf8.elementsEqual("*".utf8) {
            self = .any
        } else if let tags = scanner.list(), !tags.isEmpty {
            self = .tags(tags)
        } else {
            throw Problem(
                .invalidPrecondition,
                "The header \(name) must be the ETag of an earlier response with its quotes, such as \"3\", a list of "
                    + "ETags, or *."
            )
        }
    }
}

/// One `"3"` or `W/"3"`.
struct EntityTag: Equatable {
    let text: String
    let isWeak: Bool

    /// The release that has this tag; nil if no release can have it.
    var release: Int? { Int(text).flatMap { $0 > 0 && text == "\($0)" ? $0 : nil } }
}

extension Request {
    /// Whether the client already has the version with this tag, by `If-None-Match`, which compares weakly.
    func has(tag: String) throws(Problem) -> Bool {
        guard let field = headers[.ifNoneMatch] else { return false }
        switch try EntityTags(field, of: .ifNoneMatch) {
        case .any: return true
        case .tags(let tags): return tags.contains { $0.text == tag }
        }
    }
}

/// Splits a list of tags; quoted commas do not separate.
private struct EntityTagScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    /// Nil if the text is not a list; its elements may be empty.
    mutating func list() -> [EntityTag]? {
        var tags: [EntityTag] = []
        while true {
            skipBlanks()
            if let byte = rest.first, byte != UInt8(ascii: ",") {
                guard let tag = tag() else { return nil }
                tags.append(tag)
                skipBlanks()
            }
            guard let byte = rest.popFirst() else { return tags }
            guard byte == UInt8(ascii: ",") else { return nil }
        }
    }

    private mutating func tag() -> EntityTag? {
        let isWeak = rest.starts(with: "W/".utf8)
        if isWeak { rest = rest.dropFirst(2) }
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        let text = rest.prefix { $0 == 0x21 || $0 >= 0x23 && $0 != 0x7F }
        rest = rest[text.endIndex...]
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        return EntityTag(text: String(text) ?? "", isWeak: isWeak)
    }

    private mutating func skipBlanks() {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }
}
