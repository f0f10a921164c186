/// The response of `GET /version`, reduced to the fields in use.
package struct EngineVersion: Decodable, Sendable, Equatable {
    /// The release of the engine itself, such as `20.10.24`.
    package let version: String
    package let apiVersion: String
    /// Absent in engines that never raised their minimum.
    package let minAPIVersion: String?

    private enum CodingKeys: String, CodingKey {
        case version = "Version"
        case apiVersion = "ApiVersion"
        case minAPIVersion = "MinAPIVersion"
    }
}

/// The response of `GET /info`, reduced to the fields in use.
package struct EngineInfo: Decodable, Sendable, Equatable {
    /// The engine's clock, RFC 3339 with nanoseconds; absent, like the following fields, in engines other than Docker's
    /// own.
    package let systemTime: String?
    /// Whether containers keep running while the engine restarts.
    package let hasLiveRestore: Bool?
    /// The log driver for containers that name none.
    package let logDriver: String?

    private enum CodingKeys: String, CodingKey {
        case systemTime = "SystemTime"
        case hasLiveRestore = "LiveRestoreEnabled"
        case logDriver = "LoggingDriver"
    }
}
