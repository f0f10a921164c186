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
    /// Its clock, RFC 3339 with nanoseconds; absent, like the following, in engines that are not Docker's own.
    package let systemTime: String?
    /// Whether containers outlive a restart of the engine.
    package let hasLiveRestore: Bool?
    /// For containers that name none.
    package let logDriver: String?

    private enum CodingKeys: String, CodingKey {
        case systemTime = "SystemTime"
        case hasLiveRestore = "LiveRestoreEnabled"
        case logDriver = "LoggingDriver"
    }
}
