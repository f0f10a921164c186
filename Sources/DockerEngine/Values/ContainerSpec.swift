/// What to create a container from; the body of `POST /containers/create`.
///
/// What is nil or empty is not sent, so that the image's own or the engine's default holds. Only named volumes can be
/// mounted, and nothing here gives a container rights over its host.
package struct ContainerSpec: Sendable, Equatable {
    package var image: String
    /// Put before the command; the image's own where nil, none where empty.
    ///
    /// With one, the command of the image is not used either.
    package var entrypoint: [String]?
    /// The image's own where nil.
    package var command: [String]?
    /// `NAME=value`, in order.
    package var environment: [String]
    package var labels: [String: String]
    /// A name or a number, with `:group` if need be.
    package var user: String?
    package var workingDirectory: String?
    /// Seconds from the stop signal to SIGKILL; the engine takes ten where nil.
    package var stopTimeout: Int?
    package var ports: [PortBinding] = []
    package var mounts: [VolumeMount] = []
    package var memoryBytes: Int64?
    /// Billionths of one processor.
    package var nanoCPUs: Int64?
    package var restartPolicy: RestartPolicy?

    package init(image: String, command: [String]?, environment: [String], labels: [String: String]) {
        self.image = image
        self.command = command
        self.environment = environment
        self.labels = labels
    }
}

extension ContainerSpec: Encodable {
    private enum CodingKeys: String, CodingKey {
        case image = "Image"
        case entrypoint = "Entrypoint"
        case command = "Cmd"
        case environment = "Env"
        case labels = "Labels"
        case user = "User"
        case workingDirectory = "WorkingDir"
        case stopTimeout = "StopTimeout"
        case exposedPorts = "ExposedPorts"
        case hostConfig = "HostConfig"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(image, forKey: .image)
        try container.encodeIfPresent(entrypoint, forKey: .entrypoint)
        try container.encodeIfPresent(command, forKey: .command)
        try container.encode(environment, forKey: .environment)
        try container.encode(labels, forKey: .labels)
        try container.encodeIfPresent(user, forKey: .user)
        try container.encodeIfPresent(workingDirectory, forKey: .workingDirectory)
        try container.encodeIfPresent(stopTimeout, forKey: .stopTimeout)
        if !ports.isEmpty { try container.encode(PortMap(ports).exposed, forKey: .exposedPorts) }
        if let hostConfig { try container.encode(hostConfig, forKey: .hostConfig) }
    }

    private var hostConfig: WantedHostConfig? {
        let config = WantedHostConfig(
            portBindings: ports.isEmpty ? nil : PortMap(ports),
            mounts: mounts.isEmpty ? nil : mounts,
            memoryBytes: memoryBytes,
            nanoCPUs: nanoCPUs,
            restartPolicy: restartPolicy.map { ["Name": $0] }
        )
        return config == WantedHostConfig() ? nil : config
    }

    private struct WantedHostConfig: Encodable, Equatable {
        var portBindings: PortMap?
        var mounts: [VolumeMount]?
        var memoryBytes: Int64?
        var nanoCPUs: Int64?
        var restartPolicy: [String: RestartPolicy]?

        private enum CodingKeys: String, CodingKey {
            case portBindings = "PortBindings"
            case mounts = "Mounts"
            case memoryBytes = "Memory"
            case nanoCPUs = "NanoCpus"
            case restartPolicy = "RestartPolicy"
        }
    }
}
