/// A command to execute in a running container; the body of `POST /containers/{id}/exec`.
package struct ExecSpec: Encodable, Sendable, Equatable {
    package var command: [String]
    /// `NAME=value`, in addition to the container's own variables.
    package var environment: [String] = []
    package var user: String?
    package var workingDirectory: String?
    package var hasTTY = false
    /// Whether it receives input.
    package var takesInput = false

    private let readsOutput = true
    private let readsErrors = true

    package init(command: [String]) { self.command = command }

    private enum CodingKeys: String, CodingKey {
        case command = "Cmd"
        case environment = "Env"
        case user = "User"
        case workingDirectory = "WorkingDir"
        case hasTTY = "Tty"
        case takesInput = "AttachStdin"
        case readsOutput = "AttachStdout"
        case readsErrors = "AttachStderr"
    }
}

/// The state of a command in a container.
package struct ExecDetails: Decodable, Sendable, Equatable {
    package let isRunning: Bool
    /// Nil before it was started.
    package let exitCode: Int?

    private enum CodingKeys: String, CodingKey {
        case isRunning = "Running"
        case exitCode = "ExitCode"
    }
}
