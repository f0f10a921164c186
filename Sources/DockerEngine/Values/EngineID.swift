/// The full id of a container or of a command in one: 64 lower-case hexadecimal digits.
///
/// Engine paths are built from these alone. Docker looks up a short id or a name among names *and* id prefixes, so a
/// container whose name is another one's id prefix would be mistaken for it.
package struct EngineID<Object>: Hashable, Sendable, Codable, CustomStringConvertible {
    package let description: String

    /// Nil unless `text` is a full id.
    package init?(_ text: String) {
        guard isSHA256Hex(text) else { return nil }
        description = text
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a full id")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

package typealias ContainerID = EngineID<ContainerDetails>
package typealias ExecID = EngineID<ExecDetails>

/// Whether `text` is a SHA-256 in lower-case hexadecimal digits.
func isSHA256Hex(_ text: some StringProtocol) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { $0.isDigit || "abcdef".utf8.contains($0) }
}
