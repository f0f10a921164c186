/// The id of an image on its engine: `sha256:` and 64 lower-case hexadecimal digits.
///
/// Engine paths are built from these alone: Docker would take a shorter id or a name as well, and an image may have a
/// name that is the beginning of another one's id.
package struct ImageID: Hashable, Sendable, Comparable, Decodable, CustomStringConvertible {
    /// `sha256:…`.
    package let description: String

    /// Nil unless `text` is a full id, with or without `sha256:`.
    package init?(_ text: some StringProtocol) {
        let digits = text.hasPrefix("sha256:") ? String(text.dropFirst("sha256:".count)) : String(text)
        guard isSHA256Hex(digits) else { return nil }
        description = "sha256:\(digits)"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = ImageID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a full image id")
        }
        self = id
    }

    package static func < (left: ImageID, right: ImageID) -> Bool { left.description < right.description }
}
