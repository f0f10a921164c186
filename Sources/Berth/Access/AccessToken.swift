import Crypto
package import JSON

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

/// The name of a token, by the same rule as an app's, except names of senders without a token.
package struct TokenName: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    private static let reserved = [Principal.local.name, Principal.anonymous.name]

    package init(_ text: String) throws(InvalidValue) {
        description = try HostName(text).description
        guard !Self.reserved.contains(text) else { throw InvalidValue("\"\(text)\" is reserved; choose another name") }
    }
}

extension FieldDecoder where Value == TokenName {
    package static var tokenName: FieldDecoder {
        FieldDecoder<String>.string().map(TokenName.init(_:), detail: \.message)
    }
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

/// The SHA-256 of a ``TokenText`` in hexadecimal digits.
///
/// As the text has 256 random bits, neither a salt nor a slow hash makes it harder to guess.
struct TokenHash: Sendable, Hashable {
    let text: String

    init(of token: TokenText) {
        var token = token.text
        // Computed for each request: written at once instead of digit by digit.
        text = token.withUTF8 { bytes in
            let digest = SHA256.hash(data: bytes)
            return String(unsafeUninitializedCapacity: 64) { text in
                for (index, byte) in digest.enumerated() {
                    text[2 * index] = Self.digit(byte >> 4)
                    text[2 * index + 1] = Self.digit(byte & 15)
                }
                return 64
            }
        }
    }

    init(recorded text: String) { self.text = text }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
