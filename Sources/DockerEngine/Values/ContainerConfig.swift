/// What runs in a container: `Config` in `GET /containers/{id}/json` and `GET /images/{name}/json`, and most of the body of
/// `POST /containers/create`.
///
/// Nil is not sent, and then is the image's own. What a container says contains what its image gave it.
package struct ContainerConfig: Codable, Sendable, Equatable {
    /// As it was asked for; empty where an image says it of itself.
    package var image = ""
    /// Put before the command; none where empty.
    ///
    /// With one, the command of the image is not used either.
    package var entrypoint: [String]?
    package var command: [String]?
    /// `NAME=value`, in order.
    package var environment: [String]?
    package var labels: [String: String]?
    /// A name or a number, with `:group` if need be.
    package var user: String?
    package var workingDirectory: String?
    package var hostname: String?
    package var stopSignal: String?
    /// Seconds from the stop signal to SIGKILL, below 0 for no end; the engine takes ten where nil.
    package var stopTimeout: Int?
    package var health: EngineHealthCheck?
    /// With a TTY the log is raw; without one it is framed.
    package var hasTTY: Bool?

    package init() {}

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        image = try container.decodeIfPresent(String.self, forKey: .image) ?? ""
        entrypoint = try container.decodeIfPresent([String].self, forKey: .entrypoint)
        command = try container.decodeIfPresent([String].self, forKey: .command)
        environment = try container.decodeIfPresent([String].self, forKey: .environment)
        labels = try container.decodeIfPresent([String: String].self, forKey: .labels)
        user = try container.decodeUnlessEmpty(forKey: .user)
        workingDirectory = try container.decodeUnlessEmpty(forKey: .workingDirectory)
        hostname = try container.decodeUnlessEmpty(forKey: .hostname)
        stopSignal = try container.decodeUnlessEmpty(forKey: .stopSignal)
        stopTimeout = try container.decodeIfPresent(Int.self, forKey: .stopTimeout)
        health = try container.decodeIfPresent(EngineHealthCheck.self, forKey: .health)
        hasTTY = try container.decodeIfPresent(Bool.self, forKey: .hasTTY)
    }

    private enum CodingKeys: String, CodingKey {
        case image = "Image"
        case entrypoint = "Entrypoint"
        case command = "Cmd"
        case environment = "Env"
        case labels = "Labels"
        case user = "User"
        case workingDirectory = "WorkingDir"
        case hostname = "Hostname"
        case stopSignal = "StopSignal"
        case stopTimeout = "StopTimeout"
        case health = "Healthcheck"
        case hasTTY = "Tty"
    }
}

/// How an engine finds out whether a container is healthy; `Config.Healthcheck`.
package struct EngineHealthCheck: Codable, Sendable, Equatable {
    /// `CMD` and words, `CMD-SHELL` and a script for `/bin/sh`, or `NONE`; empty for the image's own.
    package var test: [String]
    /// In nanoseconds, as the others; the engine's own where nil or 0.
    package var interval: Int64?
    package var timeout: Int64?
    package var startPeriod: Int64?
    /// The engine's own where nil or 0.
    package var retries: Int?

    package init(test: [String]) { self.test = test }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        test = try container.decodeIfPresent([String].self, forKey: .test) ?? []
        interval = try container.decodeUnlessZero(forKey: .interval)
        timeout = try container.decodeUnlessZero(forKey: .timeout)
        startPeriod = try container.decodeUnlessZero(forKey: .startPeriod)
        retries = try container.decodeUnlessZero(forKey: .retries).map { Int($0) }
    }

    private enum CodingKeys: String, CodingKey {
        case test = "Test"
        case interval = "Interval"
        case timeout = "Timeout"
        case startPeriod = "StartPeriod"
        case retries = "Retries"
    }
}
