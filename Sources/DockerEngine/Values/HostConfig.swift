/// What a container was given of its host; `HostConfig` in `GET /containers/{id}/json`, as far as it is used.
package struct HostConfig: Decodable, Sendable, Equatable {
    /// Nil where there is no limit.
    package let memoryBytes: Int64?
    /// Billionths of one processor; nil where there is no limit.
    package let nanoCPUs: Int64?
    /// Nil where the engine names none, or one that is unknown here.
    package let restartPolicy: RestartPolicy?
    /// As asked for, in order of the container's ports.
    ///
    /// What an engine chose is in ``ContainerDetails/publishedPorts``.
    package let portBindings: [PortBinding]
    /// Whether ports were asked for that a ``PortBinding`` cannot hold, such as a range of the host's.
    package let hasOtherPortBindings: Bool
    /// Without those that were asked for as `Binds`.
    package let mounts: [ContainerMount]

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        memoryBytes = try container.decodeUnlessZero(forKey: .memoryBytes)
        nanoCPUs = try container.decodeUnlessZero(forKey: .nanoCPUs)
        restartPolicy = try container.decodeIfPresent(NamedPolicy.self, forKey: .restartPolicy)?.policy
        let ports = try container.decodeIfPresent(PortMap.self, forKey: .portBindings) ?? PortMap([])
        portBindings = ports.bindings
        hasOtherPortBindings = ports.hasMore
        mounts = try container.decodeIfPresent([ContainerMount].self, forKey: .mounts) ?? []
    }

    private struct NamedPolicy: Decodable {
        let name: String?

        var policy: RestartPolicy? { name.flatMap { RestartPolicy(rawValue: $0) } }

        private enum CodingKeys: String, CodingKey {
            case name = "Name"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case memoryBytes = "Memory"
        case nanoCPUs = "NanoCpus"
        case restartPolicy = "RestartPolicy"
        case portBindings = "PortBindings"
        case mounts = "Mounts"
    }
}
