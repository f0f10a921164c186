/// A named volume in a container; an item of `HostConfig.Mounts` in `POST /containers/create`.
///
/// The engine makes the volume where it is missing, and keeps it when the container is removed. It refuses a path in
/// place of a name, so that no directory of the host's can be mounted.
package struct VolumeMount: Hashable, Sendable {
    package var name: String
    /// An absolute path in the container.
    package var target: String
    package var isReadOnly: Bool

    package init(name: String, target: String, isReadOnly: Bool = false) {
        self.name = name
        self.target = target
        self.isReadOnly = isReadOnly
    }
}

extension VolumeMount: Encodable {
    private enum CodingKeys: String, CodingKey {
        case type = "Type"
        case name = "Source"
        case target = "Target"
        case isReadOnly = "ReadOnly"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("volume", forKey: .type)
        try container.encode(name, forKey: .name)
        try container.encode(target, forKey: .target)
        try container.encode(isReadOnly, forKey: .isReadOnly)
    }
}
