/// What was asked to be mounted, of whatever kind; an item of `HostConfig.Mounts` in `GET /containers/{id}/json`.
package struct ContainerMount: Decodable, Sendable, Equatable {
    /// `volume`, `bind`, `tmpfs`, ….
    package let type: String
    /// A volume's name or a path on the host; nil where it needs none.
    package let source: String?
    /// A path in the container.
    package let target: String
    package let isReadOnly: Bool

    /// Nil for all that is no named volume.
    package var namedVolume: VolumeMount? {
        guard type == "volume", let source else { return nil }
        return VolumeMount(name: source, target: target, isReadOnly: isReadOnly)
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
