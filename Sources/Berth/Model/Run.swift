package import DockerEngine

/// One container started from a release, and its record, which outlives the container.
package struct Run: Sendable, Equatable {
    package let id: RunID
    package var name: RunName
    package let app: AppName
    package let release: Int
    package let host: HostName
    /// As the release names it, or the container that somebody has put in the place of the run's own.
    package var image: String
    /// The image's own where nil.
    package let command: [String]?
    /// Seconds from its stop signal to the kill; the engine's own where nil.
    package let stopTimeout: Int?
    /// Seconds after which it is stopped; no limit where nil.
    package let maxRuntime: Int?
    /// Whether it was promised before it was started, so that the server owes its start.
    package let wasQueued: Bool
    package var state: RunState
    package var containerID: ContainerID?
    /// What the image's name stood for: `sha256:…`.
    package var imageID: String?
    /// As the engine published them; empty while it does not run.
    package var ports: [Port] = []
    /// What its health check has found; nil where there is none, and while it does not run.
    ///
    /// It is not recorded.
    package var health: ContainerHealth?
    /// Of the container's first process; nil until it has ended.
    package var exitCode: Int?
    /// Why it failed, was lost or was stopped by the server, for people.
    package var reason: String?
    package var isOutOfMemory = false
    package let createdAt: Timestamp
    /// By the engine's clock.
    package var startedAt: Timestamp?
    /// By the engine's clock; by this server's for a run that never started or whose container vanished.
    package var finishedAt: Timestamp?

    package init(
        id: RunID,
        name: RunName,
        app: AppName,
        release: Int,
        host: HostName,
        image: String,
        command: [String]? = nil,
        stopTimeout: Int? = nil,
        maxRuntime: Int? = nil,
        wasQueued: Bool = false,
        state: RunState,
        createdAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.app = app
        self.release = release
        self.host = host
        self.image = image
        self.command = command
        self.stopTimeout = stopTimeout
        self.maxRuntime = maxRuntime
        self.wasQueued = wasQueued
        self.state = state
        self.createdAt = createdAt
    }
}

/// Names a run in the containers' labels: 26 characters of `a-z2-7`, never used twice.
package struct RunID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(recorded text: String) { description = text }

    /// Nil for what is no id of any run.
    package init?(_ text: String) {
        guard isBase32(text, count: 26) else { return nil }
        description = text
    }

    static func random(using generator: inout some RandomNumberGenerator) -> RunID {
        RunID(recorded: randomBase32(count: 26, using: &generator))
    }
}

/// Where a run is in its life.
package enum RunState: String, Sendable, CaseIterable {
    /// Recorded; nothing has been asked of the engine yet.
    case pending
    case pulling
    /// The container is being made or started.
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

    /// The two that the short form of the API tells apart: `R` it is running or about to, `F` it has finished.
    package var status: RunStatus {
        switch self {
        case .pending, .pulling, .starting, .running, .paused, .restarting: .running
        case .exited, .failed, .lost, .removed: .finished
        }
    }

    /// Whether this server has begun a run that has not started yet.
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
    /// Takes away what only a running container has.
    mutating func forgetLive() {
        ports = []
        health = nil
    }
}
