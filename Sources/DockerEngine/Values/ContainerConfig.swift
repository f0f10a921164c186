/// What a container runs, with what its image gave it; `Config` in `GET /containers/{id}/json`, as far as it is used.
package struct ContainerConfig: Decodable, Sendable, Equatable {
    /// As it was asked for.
    package let image: String
    package let entrypoint: [String]?
    package let command: [String]?
    /// `NAME=value`.
    package let environment: [String]?
    package let labels: [String: String]?
    /// Nil where it is the image's own, and that says none.
    package let user: String?
    /// Nil where it is the image's own, and that says none.
    package let workingDirectory: String?
    /// Seconds from the stop signal to SIGKILL; nil where none was asked for, below 0 for no end.
    package let stopTimeout: Int?
    /// With a TTY the log is raw; without one it is framed.
    package let hasTTY: Bool

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        image = try container.decode(String.self, forKey: .image)
        entrypoint = try container.decodeIfPresent([String].self, forKey: .entrypoint)
        command = try container.decodeIfPresent([String].self, forKey: .command)
        environment = try container.decodeIfPresent([String].self, forKey: .environment)
        labels = try container.decodeIfPresent([String: String].self, forKey: .labels)
        user = try container.decodeUnlessEmpty(forKey: .user)
        workingDirectory = try container.decodeUnlessEmpty(forKey: .workingDirectory)
        stopTimeout = try container.decodeIfPresent(Int.self, forKey: .stopTimeout)
        hasTTY = try container.decode(Bool.self, forKey: .hasTTY)
    }

    private enum CodingKeys: String, CodingKey {
        case image = "Image"
        case entrypoint = "Entrypoint"
        case command = "Cmd"
        case environment = "Env"
        case labels = "Labels"
        case user = "User"
        case workingDirectory = "WorkingDir"
        case stopTimeout = "StopTimeout"
        case hasTTY = "Tty"
    }
}
