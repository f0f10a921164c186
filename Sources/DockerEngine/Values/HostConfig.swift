/// A container's resources and mounts from its host; `HostConfig` in `GET /containers/{id}/json` and
/// `POST /containers/create`.
///
/// Nil and empty values are not sent, so the engine's defaults apply. No field gives a container rights over its host,
/// and only named volumes can be mounted.
package struct HostConfig: Sendable, Equatable {
    /// Nil for no limit.
    package var memoryBytes: Int64?
    /// Billionths of one processor; nil for no limit.
    package var nanoCPUs: Int64?
    package var pidsLimit: Int?
    /// Such as `no-new-privileges`; nil for none.
    package var securityOptions: [String]?
    /// Nil if it has no options, so that the engine's own apply.
    package var logConfig: LogConfig?
    package var ulimits: [Ulimit]?
    /// The size of `/dev/shm`.
    package var sharedMemoryBytes: Int64?
    /// Mount options by target.
    package var tmpfs: [String: String]?
    package var hasReadOnlyRoot: Bool?
    package var usesInit: Bool?
    /// A network's name; `default` if none was requested.
    package var networkMode: String?
    /// `name:address`.
    package var extraHosts: [String]?
    /// Nil also if the engine reports an unknown policy.
    package var restartPolicy: RestartPolicy?
    /// As requested, in order of the container's ports.
    ///
    /// Ports that an engine chose are in ``ContainerDetails/publishedPorts``. Bindings that a ``PortBinding`` cannot
    /// represent, such as a range of host ports, are omitted.
    package var portBindings: [PortBinding] = []
    /// Excludes mounts that were requested as `Binds`.
    package var mounts: [ContainerMount] = []

    /// The engines' default, in bytes.
    package static let usualSharedMemory: Int64 = 64 << 20

    package init() {}
}

extension HostConfig: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        memoryBytes = try container.decodeUnlessZero(forKey: .memoryBytes)
        nanoCPUs = try container.decodeUnlessZero(forKey: .nanoCPUs)
        pidsLimit = try container.decodeIfPresent(Int.self, forKey: .pidsLimit).flatMap { $0 > 0 ? $0 : nil }
        let security = try container.decodeIfPresent([String].self, forKey: .securityOptions)
        securityOptions = security?.isEmpty == true ? nil : security
        let log = try container.decodeIfPresent(LogConfig.self, forKey: .logConfig)
        logConfig = log?.options.isEmpty == true ? nil : log
        ulimits = try container.decodeIfPresent([Ulimit].self, forKey: .ulimits)
        sharedMemoryBytes = try container.decodeUnlessZero(forKey: .sharedMemoryBytes)
        tmpfs = try container.decodeIfPresent([String: String].self, forKey: .tmpfs)
        hasReadOnlyRoot = try container.decodeIfPresent(Bool.self, forKey: .hasReadOnlyRoot)
        usesInit = try container.decodeIfPresent(Bool.self, forKey: .usesInit)
        networkMode = try container.decodeUnlessEmpty(forKey: .networkMode)
        extraHosts = try container.decodeIfPresent([String].self, forKey: .extraHosts)
        restartPolicy = try container.decodeIfPresent(WireRestartPolicy.self, forKey: .restartPolicy)?.policy
        portBindings = try container.decodeIfPresent(PortMap.self, forKey: .portBindings)?.bindings ?? []
        mounts = try container.decodeIfPresent([ContainerMount].self, forKey: .mounts) ?? []
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(memoryBytes, forKey: .memoryBytes)
        try container.encodeIfPresent(nanoCPUs, forKey: .nanoCPUs)
        try container.encodeIfPresent(pidsLimit, forKey: .pidsLimit)
        try container.encodeIfPresent(securityOptions, forKey: .securityOptions)
        try container.encodeIfPresent(logConfig, forKey: .logConfig)
        try container.encodeIfPresent(ulimits, forKey: .ulimits)
        try container.encodeIfPresent(sharedMemoryBytes, forKey: .sharedMemoryBytes)
        try container.encodeIfPresent(tmpfs, forKey: .tmpfs)
        try container.encodeIfPresent(hasReadOnlyRoot, forKey: .hasReadOnlyRoot)
        try container.encodeIfPresent(usesInit, forKey: .usesInit)
        try container.encodeIfPresent(networkMode, forKey: .networkMode)
        try container.encodeIfPresent(extraHosts, forKey: .extraHosts)
        try container.encodeIfPresent(restartPolicy.map(WireRestartPolicy.init), forKey: .restartPolicy)
        if !portBindings.isEmpty { try container.encode(PortMap(portBindings), forKey: .portBindings) }
        if !mounts.isEmpty { try container.encode(mounts, forKey: .mounts) }
    }

    private enum CodingKeys: String, CodingKey {
        case memoryBytes = "Memory"
        case nanoCPUs = "NanoCpus"
        case pidsLimit = "PidsLimit"
        case securityOptions = "SecurityOpt"
        case logConfig = "LogConfig"
        case ulimits = "Ulimits"
        case sharedMemoryBytes = "ShmSize"
        case tmpfs = "Tmpfs"
        case hasReadOnlyRoot = "ReadonlyRootfs"
        case usesInit = "Init"
        case networkMode = "NetworkMode"
        case extraHosts = "ExtraHosts"
        case restartPolicy = "RestartPolicy"
        case portBindings = "PortBindings"
        case mounts = "Mounts"
    }
}

/// A limit for each of a container's processes; an item of `HostConfig.Ulimits`.
///
/// `-1` is no limit.
package struct Ulimit: Codable, Sendable, Equatable {
    package let name: String
    package let soft: Int
    package let hard: Int

    package init(name: String, soft: Int, hard: Int) {
        self.name = name
        self.soft = soft
        self.hard = hard
    }

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case soft = "Soft"
        case hard = "Hard"
    }
}

/// Where an engine keeps a container's output; `HostConfig.LogConfig`.
package struct LogConfig: Codable, Sendable, Equatable {
    /// Such as `json-file`.
    package let driver: String
    package let options: [String: String]

    package init(driver: String, options: [String: String]) {
        self.driver = driver
        self.options = options
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        driver = try container.decodeIfPresent(String.self, forKey: .driver) ?? ""
        options = try container.decodeIfPresent([String: String].self, forKey: .options) ?? [:]
    }

    private enum CodingKeys: String, CodingKey {
        case driver = "Type"
        case options = "Config"
    }
}
