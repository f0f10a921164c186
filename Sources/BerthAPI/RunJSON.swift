package import JSON

/// A run as `/v1/runs` answers it.
package struct RunJSON: Sendable, Equatable {
    package var name: String
    package var app: String
    package var release: Int
    package var host: String
    package var image: String
    /// `sha256:…`; nil until the engine has said it.
    package var imageID: String?
    /// The image's own where nil.
    package var command: [String]?
    package var state: String
    /// `R` it is running or about to, `F` it has finished.
    package var status: String
    package var exitCode: Int?
    /// Why it failed, was lost or was stopped by the server, for people.
    package var reason: String?
    package var isOutOfMemory = false
    package var containerID: String?
    package var ports: JSONValue = []
    /// `starting`, `healthy` or `unhealthy`; nil where there is no health check, and while it does not run.
    package var health: String?
    /// RFC 3339, as all times here.
    package var createdAt: String
    package var startedAt: String?
    package var finishedAt: String?

    package init(
        name: String,
        app: String,
        release: Int,
        host: String,
        image: String,
        state: String,
        status: String,
        createdAt: String
    ) {
        self.name = name
        self.app = app
        self.release = release
        self.host = host
        self.image = image
        self.state = state
        self.status = status
        self.createdAt = createdAt
    }

    /// Without `observed_at` and `stale`, which change without the run, and are written behind it.
    package var json: JSONValue {
        [
            "name": .string(name),
            "app": .string(app),
            "release": JSONValue(release),
            "host": .string(host),
            "image": .string(image),
            "image_id": JSONValue(imageID),
            "command": JSONValue(command),
            "state": .string(state),
            "status": .string(status),
            "exit_code": JSONValue(exitCode),
            "reason": JSONValue(reason),
            "oom_killed": .bool(isOutOfMemory),
            "container_id": JSONValue(containerID),
            "ports": ports,
            "health": JSONValue(health),
            "created_at": .string(createdAt),
            "started_at": JSONValue(startedAt),
            "finished_at": JSONValue(finishedAt),
        ]
    }
}
