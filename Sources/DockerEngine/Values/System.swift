/// The answer of `GET /version`, as far as it is used.
package struct EngineVersion: Decodable, Sendable, Equatable {
    /// Of the engine itself, such as `20.10.24`.
    package let version: String
    package let apiVersion: String
    /// Absent in engines that never raised it.
    package let minAPIVersion: String?

    private enum CodingKeys: String, CodingKey {
        case version = "Version"
        case apiVersion = "ApiVersion"
        case minAPIVersion = "MinAPIVersion"
    }
}

/// The answer of `GET /info`, as far as it is used.
package struct EngineInfo: Decodable, Sendable, Equatable {
    /// The engine's own id, which outlives its restarts.
    package let id: String
    /// The machine's host name.
    package let name: String
    package let operatingSystem: String
    package let cpuCount: Int
    /// In bytes.
    package let memory: Int64
    package let containers: Int
    package let containersRunning: Int
    /// Its clock, RFC 3339 with nanoseconds; as are the following, absent in stranger engines.
    package let systemTime: String?
    /// Whether containers outlive a restart of the engine.
    package let hasLiveRestore: Bool?
    /// For containers that name none.
    package let logDriver: String?

    private enum CodingKeys: String, CodingKey {
        case id = "ID"
        case name = "Name"
        case operatingSystem = "OperatingSystem"
        case cpuCount = "NCPU"
        case memory = "MemTotal"
        case containers = "Containers"
        case containersRunning = "ContainersRunning"
        case systemTime = "SystemTime"
        case hasLiveRestore = "LiveRestoreEnabled"
        case logDriver = "LoggingDriver"
    }
}
