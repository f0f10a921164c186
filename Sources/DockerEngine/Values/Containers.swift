/// One row of `GET /containers/json`.
package struct ContainerSummary: Decodable, Sendable, Equatable {
    package let id: ContainerID
    /// Each with Docker's leading slash.
    package let names: [String]?
    package let image: String
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    package let state: String
    package let labels: [String: String]?

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case names = "Names"
        case image = "Image"
        case state = "State"
        case labels = "Labels"
    }
}

/// The answer of `GET /containers/{id}/json`, as far as it is used.
package struct ContainerDetails: Decodable, Sendable, Equatable {
    package let id: ContainerID
    /// With Docker's leading slash.
    package let name: String
    /// The image's id, `sha256:…`.
    package let image: String
    /// RFC 3339 with nanoseconds, by the engine's clock.
    package let created: String
    package let state: State
    package let config: Config

    package struct State: Decodable, Sendable, Equatable {
        /// As in ``ContainerSummary/state``; of the two this one is right where they differ.
        package let status: String
        package let exitCode: Int
        package let oomKilled: Bool
        /// Why the engine could not start it; empty when it could.
        package let error: String
        /// RFC 3339 by the engine's clock; year 1 when it never started.
        package let startedAt: String
        /// RFC 3339 by the engine's clock; year 1 when it has not finished.
        package let finishedAt: String

        private enum CodingKeys: String, CodingKey {
            case status = "Status"
            case exitCode = "ExitCode"
            case oomKilled = "OOMKilled"
            case error = "Error"
            case startedAt = "StartedAt"
            case finishedAt = "FinishedAt"
        }
    }

    package struct Config: Decodable, Sendable, Equatable {
        package let image: String
        package let command: [String]?
        package let environment: [String]?
        package let labels: [String: String]?
        /// With a TTY the log is raw; without one it is framed.
        package let hasTTY: Bool

        private enum CodingKeys: String, CodingKey {
            case image = "Image"
            case command = "Cmd"
            case environment = "Env"
            case labels = "Labels"
            case hasTTY = "Tty"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case name = "Name"
        case image = "Image"
        case created = "Created"
        case state = "State"
        case config = "Config"
    }
}

/// How a container ended; the answer of `POST /containers/{id}/wait`.
package struct ContainerExit: Decodable, Sendable, Equatable {
    package let statusCode: Int

    private enum CodingKeys: String, CodingKey {
        case statusCode = "StatusCode"
    }
}

struct CreatedContainer: Decodable, Sendable {
    let id: ContainerID

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
    }
}
