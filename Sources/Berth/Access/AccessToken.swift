import Crypto

/// A token, without its text.
package struct AccessToken: Sendable, Equatable {
    package let principal: Principal
    /// The SHA-256 of its text.
    let hash: TokenHash
    package let createdAt: Timestamp
    package let createdBy: String
    /// Nil for a token that does not expire.
    package let expiresAt: Timestamp?
    /// Recorded at most once a minute; nil if it was never used.
    package var lastUsedAt: Timestamp?

    package var id: String { principal.id }

    func isExpired(at now: Timestamp) -> Bool { expiresAt.map { $0 <= now } ?? false }
}

/// The text of a token or of a browser's session, with 256 random bits; only its sender and its receiver see it.
package struct TokenText: Sendable {
    package let text: String

    /// Accepts any text; one that is no token matches none.
    package init(_ text: String) { self.text = text }

    package static func newToken() -> TokenText { TokenText("berth_" + randomBase32(count: 52)) }

    static func newSession() -> TokenText { TokenText(randomBase32(count: 52)) }

    /// Whether it has the form of a token.
    package var isToken: Bool { text.hasPrefix("berth_") && isBase32(text.dropFirst(6), count: 52) }
}

/// The SHA-256 of a ``TokenText``.
///
/// As the text has 256 random bits, neither a salt nor a slow hash makes it harder to guess.
struct TokenHash: Sendable, Hashable {
    /// In the order of the digits; computed for each request without an allocation.
    private let words: SIMD4<UInt64>

    init(of token: TokenText) {
        var token = token.text
        words = token.withUTF8 { text in
            SHA256.hash(data: text).withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
        }
    }

    /// Nil unless the text is 64 hexadecimal digits.
    init?(_ text: String) {
        var (words, rest) = (SIMD4<UInt64>(), text[...])
        for index in words.indices {
            guard let word = UInt64(hexadecimal: rest.prefix(16)) else { return nil }
            words[index] = word.bigEndian
            rest = rest.dropFirst(16)
        }
        guard rest.isEmpty else { return nil }
        self.words = words
    }

    /// 64 hexadecimal digits.
    var text: String { withUnsafeBytes(of: words) { $0.hexadecimal } }
}
