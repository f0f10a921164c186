package import DockerEngine

/// One container started from a release, and its record, which outlives the container.
package struct Run: Sendable, Equatable {
    package let id: RunID
    package var name: RunName
    package let app: AppName
    package let release: Int
    package let host: HostName
    /// The image's name in the release, or in the container that has replaced the run's own.
    package var image: String
    /// Nil means the image's own.
    package private(set) var command: [String]?
    /// Seconds from the stop signal to the kill; nil means the engine's default.
    package private(set) var stopTimeout: Int?
    /// Seconds until the server stops it; nil means no limit.
    package private(set) var maxRuntime: Int?
    /// Whether the request was answered before the start, so that the server must still start it.
    package private(set) var wasQueued = false
    package var state: RunState
    package var containerID: ContainerID?
    /// The id of the image that the name referred to: `sha256:…`.
    package var imageID: String?
    /// As the engine published them; empty while the container does not run.
    package var ports: [Port] = []
    /// The result of its health check; nil if there is no check, and while the container does not run.
    ///
    /// Not recorded.
    package var health: ContainerHealth?
    /// The exit code of the container's first process; nil until it has ended.
    package var exitCode: Int?
    /// Why it failed, was lost or was stopped by the server, for people.
    package var reason: String?
    package var isOutOfMemory = false
    package let createdAt: Timestamp
    /// By the engine's clock.
    package var startedAt: Timestamp?
    /// By the engine's clock; by this server's if the run never started or its container vanished.
    package var finishedAt: Timestamp?
}

/// The id of a run in the containers' labels: 26 characters of `a-z2-7`, never reused.
package struct RunID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(recorded text: String) { description = text }

    /// Nil for a text that cannot be a run's id.
    package init?(_ text: String) {
        guard isBase32(text, count: 26) else { return nil }
        description = text
    }

    static func random() -> RunID { RunID(recorded: randomBase32(count: 26)) }
}

/// The state of a run in its life cycle.
package enum RunState: String, Sendable, CaseIterable {
    /// Recorded; no request was sent to the engine yet.
    case pending
    case pulling
    /// The container is being created or started.
    case starting
    case running
    case paused
    /// It ended, and the engine's restart policy is about to start it again.
    case restarting
    case exited
    /// It never started.
    case failed
    /// Its container vanished from the host while it ran.
    case lost
    /// Its container was removed after it had ended.
    case removed

    /// The two groups in the short form of the API: `R` for running or about to run, `F` for finished.
    package var status: RunStatus {
        switch self {
        case .pending, .pulling, .starting, .running, .paused, .restarting: .running
        case .exited, .failed, .lost, .removed: .finished
        }
    }

    /// Whether the run has a container that has started, or had one.
    var hasStarted: Bool { !isBeingStarted && self != .failed }

    /// Whether this server has begun to start the run, and the run has not started yet.
    var isBeingStarted: Bool {
        switch self {
        case .pending, .pulling, .starting: true
        default: false
        }
    }
}

package enum RunStatus: String, Sendable {
    case running = "R"
    case finished = "F"
}

extension Run {
    /// Clears the fields that only a running container has.
    mutating func forgetLive() {
        ports = []
        health = nil
    }
}
