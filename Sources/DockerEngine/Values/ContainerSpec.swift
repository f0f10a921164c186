/// The definition of a new container; the body of `POST /containers/create`.
package struct ContainerSpec: Sendable, Equatable {
    package var config = ContainerConfig()
    package var hostConfig = HostConfig()
    /// Endpoints by network name.
    package var endpoints: [String: NetworkEndpoint] = [:]

    package init() {}

    package init(image: String, command: [String]?, environment: [String], labels: [String: String]) {
        config.image = image
        config.command = command
        config.environment = environment
        config.labels = labels
    }
}

extension ContainerSpec: Encodable {
    private enum CodingKeys: String, CodingKey {
        case exposedPorts = "ExposedPorts"
        case hostConfig = "HostConfig"
        case networking = "NetworkingConfig"
    }

    package func encode(to encoder: any Encoder) throws {
        try config.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        let ports = hostConfig.portBindings
        if !ports.isEmpty { try container.encode(PortMap(ports).exposed, forKey: .exposedPorts) }
        if hostConfig != HostConfig() { try container.encode(hostConfig, forKey: .hostConfig) }
        if !endpoints.isEmpty { try container.encode(["EndpointsConfig": endpoints], forKey: .networking) }
    }
}

/// A container's endpoint in a network; an item of `NetworkingConfig.EndpointsConfig`.
package struct NetworkEndpoint: Encodable, Sendable, Equatable {
    /// Names by which the other containers in the network find it.
    package let aliases: [String]

    package init(aliases: [String]) { self.aliases = aliases }

    private enum CodingKeys: String, CodingKey {
        case aliases = "Aliases"
    }
}
