/// The configuration of what runs in a container: `Config` in `GET /containers/{id}/json` and
/// `GET /images/{name}/json`, and most of the body of `POST /containers/create`.
///
/// Nil is not sent, so the image's own value applies. A container's values as read include those of its image.
package struct ContainerConfig: Codable, Sendable, Equatable {
    /// The image as requested; empty in an image's own configuration.
    package var image = ""
    /// The words before the command; empty for none.
    ///
    /// If set, the command of the image is not used either.
    package var entrypoint: [String]?
    package var command: [String]?
    /// `NAME=value`, in order.
    package var environment: [String]?
    package var labels: [String: String]?
    /// A name or a number, optionally with `:group`.
    package var user: String?
    package var workingDirectory: String?
    package var hostname: String?
    package var stopSignal: String?
    /// Seconds from the stop signal to SIGKILL; negative for no limit, nil for the engine's default of ten.
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

/// How an engine determines whether a container is healthy; `Config.Healthcheck`.
package struct EngineHealthCheck: Codable, Sendable, Equatable {
    /// `CMD` and words, `CMD-SHELL` and a script for `/bin/sh`, or `NONE`; empty for the image's own check.
    package var test: [String]
    /// In nanoseconds, as the other durations; nil or 0 for the engine's default.
    package var interval: Int64?
    package var timeout: Int64?
    package var startPeriod: Int64?
    /// Nil or 0 for the engine's default.
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
