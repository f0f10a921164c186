/// A mount of a container; an item of `HostConfig.Mounts`.
///
/// An engine creates a missing volume, and keeps it when the container is removed. It refuses a path in place of a
/// volume's name, so a directory of the host cannot be mounted as one.
package struct ContainerMount: Codable, Sendable, Hashable {
    /// `volume`, `bind`, `tmpfs`, ….
    package let type: String
    /// A volume's name or a path on the host; nil if the type needs none.
    package let source: String?
    /// An absolute path in the container.
    package let target: String
    package let isReadOnly: Bool

    /// A named volume.
    package init(volume name: String, target: String, isReadOnly: Bool = false) {
        type = "volume"
        source = name
        self.target = target
        self.isReadOnly = isReadOnly
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        type = try container.decode(String.self, forKey: .type)
        source = try container.decodeUnlessEmpty(forKey: .source)
        target = try container.decode(String.self, forKey: .target)
        isReadOnly = try container.decodeIfPresent(Bool.self, forKey: .isReadOnly) ?? false
    }

    private enum CodingKeys: String, CodingKey {
        case type = "Type"
        case source = "Source"
        case target = "Target"
        case isReadOnly = "ReadOnly"
    }
}
