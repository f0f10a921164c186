package import JSON

/// A run in the form of `/v1/runs`.
package struct RunJSON: JSONRecord {
    package var name = ""
    package var app = ""
    package var release = 0
    package var host = ""
    package var image = ""
    /// `sha256:…`; nil until the engine has reported it.
    package var imageID: String?
    /// Nil for the image's own command.
    package var command: [String]?
    package var state = ""
    /// `R` while it runs or is starting, `F` once it has finished.
    package var status = ""
    package var exitCode: Int?
    /// Why it failed, was lost or was stopped by the server, as text for people.
    package var reason: String?
    package var isOutOfMemory = false
    package var containerID: String?
    package var ports: [PortJSON] = []
    /// `starting`, `healthy` or `unhealthy`; nil without a health check, and while the container does not run.
    package var health: String?
    package var createdAt = ""
    package var startedAt: String?
    package var finishedAt: String?
    /// When its engine last reported its state.
    package var observedAt: String?
    /// Whether its host is disconnected, so that its state may have changed.
    package var isStale = false

    package init() {}

    package static let states = [
        "pending", "pulling", "starting", "running", "paused", "restarting", "exited", "failed", "lost", "removed",
    ]
    package static let statuses = ["R", "F"]

    package static let fields: [JSONField<RunJSON>] =
        lasting + [
            .init("observed_at", \.observedAt, .time),
            .init("stale", \.isStale, .boolean),
        ]

    /// Fields that change only when the run itself changes.
    private static let lasting: [JSONField<RunJSON>] = [
        .init("name", \.name, .string()),
        .init("app", \.app, .string()),
        .init("release", \.release, .integer()),
        .init("host", \.host, .string()),
        .init("image", \.image, .string()),
        .init("image_id", \.imageID, .string()),
        .init("command", \.command, .words),
        .init("state", \.state, .word(of: states)),
        .init("status", \.status, .word(of: statuses)),
        .init("exit_code", \.exitCode, .integer()),
        .init("reason", \.reason, .string()),
        .init("oom_killed", \.isOutOfMemory, .boolean),
        .init("container_id", \.containerID, .string()),
        .init("ports", \.ports, .list(of: PortJSON.decoder)),
        .init("health", \.health, .word(of: ["starting", "healthy", "unhealthy"])),
        .init("created_at", \.createdAt, .time),
        .init("started_at", \.startedAt, .time),
        .init("finished_at", \.finishedAt, .time),
    ]

    /// Excludes `observed_at` and `stale`, which change independently of the run and are written after it.
    package var lastingJSON: JSONValue { json(of: Self.lasting) }
}

/// A published port.
package struct PortJSON: JSONRecord {
    package var container = 0
    package var host: Int?
    package var `protocol` = ""
    /// The host's address; nil for all of them.
    package var address: String?

    package init() {}

    package static let fields: [JSONField<PortJSON>] = [
        .init("container", \.container, .integer()),
        .init("host", \.host, .integer()),
        .init("protocol", \.protocol, .word(of: ["tcp", "udp", "sctp"])),
        .init("address", \.address, .string()),
    ]
}

/// The runs of one request.
package struct StartedRunsJSON: JSONRecord {
    package var items: [RunJSON] = []
    /// The errors of runs that were not started; nil if all were.
    package var errors: [StartErrorJSON]?

    package init() {}

    package static let fields: [JSONField<StartedRunsJSON>] = [
        .init("items", \.items, .list(of: RunJSON.decoder)),
        .init("errors", \.errors, .list(of: StartErrorJSON.decoder), isOmitted: true),
    ]
}

/// Why one of several runs was not started.
package struct StartErrorJSON: JSONRecord {
    /// The index in `items`, from 0.
    package var item = 0
    package var code = ""
    package var detail = ""

    package init() {}

    package init(item: Int, code: String, detail: String) {
        self.item = item
        self.code = code
        self.detail = detail
    }

    package static let fields: [JSONField<StartErrorJSON>] = [
        .init("item", \.item, .integer()),
        .init("code", \.code, .string()),
        .init("detail", \.detail, .string()),
    ]
}
