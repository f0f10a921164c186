/// The response of `GET /containers/{id}/json`, reduced to the fields in use.
package struct ContainerDetails: Decodable, Sendable, Equatable {
    package let id: ContainerID
    /// The name, with Docker's leading slash.
    package let name: String
    /// The image's id, `sha256:…`.
    package let image: String
    /// RFC 3339 with nanoseconds, by the engine's clock.
    package let created: String
    package let state: State
    package let config: ContainerConfig
    package let hostConfig: HostConfig?
    private let networkSettings: NetworkSettings?

    /// The host's ports that lead into it now, in order; none unless it runs.
    package var publishedPorts: [PublishedPort] { networkSettings?.ports?.published ?? [] }

    /// Whether it runs without a network although it has port mappings: engine 29 starts a container like that if its
    /// port was taken at its first start (moby#51758).
    package var lacksNetwork: Bool {
        state.status == "running" && hostConfig?.portBindings.isEmpty == false && publishedPorts.isEmpty
    }

    package struct State: Decodable, Sendable, Equatable {
        /// The same states as ``ContainerSummary/state``; if the two differ, this one is right.
        package let status: String
        package let exitCode: Int
        package let oomKilled: Bool
        /// Why the engine could not start it; empty when it could.
        package let error: String
        /// RFC 3339 by the engine's clock; year 1 when it never started.
        package let startedAt: String
        /// RFC 3339 by the engine's clock; year 1 when it has not finished.
        package let finishedAt: String

        private let healthState: HealthState?

        /// The last result of its health check; nil if it has none.
        package var health: ContainerHealth? { healthState?.status.flatMap { ContainerHealth(rawValue: $0) } }

        private struct HealthState: Decodable, Sendable, Equatable {
            let status: String?

            private enum CodingKeys: String, CodingKey {
                case status = "Status"
            }
        }

        /// ``error`` in one line; nil if there is none.
        package var failure: String? { error.isEmpty ? nil : singleLine(error) }

        private enum CodingKeys: String, CodingKey {
            case status = "Status"
            case exitCode = "ExitCode"
            case oomKilled = "OOMKilled"
            case error = "Error"
            case startedAt = "StartedAt"
            case finishedAt = "FinishedAt"
            case healthState = "Health"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case name = "Name"
        case image = "Image"
        case created = "Created"
        case state = "State"
        case config = "Config"
        case hostConfig = "HostConfig"
        case networkSettings = "NetworkSettings"
    }

    private struct NetworkSettings: Decodable, Sendable, Equatable {
        let ports: PortMap?

        private enum CodingKeys: String, CodingKey {
            case ports = "Ports"
        }
    }
}
