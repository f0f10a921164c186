/// What a container is given of its host; `HostConfig` in `GET /containers/{id}/json` and `POST /containers/create`.
///
/// Nil and empty are not sent, and then are the engine's own. Nothing here gives a container rights over its host, and
/// only named volumes can be mounted.
package struct HostConfig: Sendable, Equatable {
    /// No limit where nil.
    package var memoryBytes: Int64?
    /// Billionths of one processor; no limit where nil.
    package var nanoCPUs: Int64?
    package var pidsLimit: Int?
    package var ulimits: [Ulimit]?
    /// Of `/dev/shm`.
    package var sharedMemoryBytes: Int64?
    /// Options by their targets.
    package var tmpfs: [String: String]?
    package var hasReadOnlyRoot: Bool?
    package var usesInit: Bool?
    /// A network's name; `default` where none was asked for.
    package var networkMode: String?
    /// `name:address`.
    package var extraHosts: [String]?
    /// Nil also where the engine names one that is unknown here.
    package var restartPolicy: RestartPolicy?
    /// As asked for, in order of the container's ports.
    ///
    /// What an engine chose is in ``ContainerDetails/publishedPorts``. What a ``PortBinding`` cannot hold, such as a range of
    /// the host's, is not there.
    package var portBindings: [PortBinding] = []
    /// Without those that were asked for as `Binds`.
    package var mounts: [ContainerMount] = []

    /// What engines take where none is asked for, in bytes.
    package static let usualSharedMemory: Int64 = 64 << 20

    package init() {}
}

extension HostConfig: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        memoryBytes = try container.decodeUnlessZero(forKey: .memoryBytes)
        nanoCPUs = try container.decodeUnlessZero(forKey: .nanoCPUs)
        pidsLimit = try container.decodeIfPresent(Int.self, forKey: .pidsLimit).flatMap { $0 > 0 ? $0 : nil }
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

/// A limit of each of a container's processes; an item of `HostConfig.Ulimits`.
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
