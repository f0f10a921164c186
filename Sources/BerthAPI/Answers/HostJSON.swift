package import JSON

/// A host in the form of `/v1/hosts`.
package struct HostJSON: JSONRecord {
    package var name = ""
    package var endpoint = ""
    package var isDefault = false
    /// `flag` or `api`.
    package var source = ""
    /// Whether it gets no new runs.
    package var isDrained = false
    /// `engine`: each run is a container of one engine.
    package var scheduler = "engine"
    /// `connecting`, `connected`, `unreachable` or `untrusted`.
    package var state = ""
    /// Why it is unreachable, as one word for programs.
    package var reason: String?
    /// The fingerprint of the key that waits for approval: `SHA256:…`.
    package var fingerprint: String?
    /// What to do, as text for people.
    package var error: String?
    package var engineVersion: String?
    package var apiVersion: String?
    /// The duration of the engine's last ping, in milliseconds.
    package var latency: Double?
    package var lastSeenAt: String?
    /// How far the engine's clock is ahead, in milliseconds; nil until measured.
    package var clockSkew: Double?
    /// Whether containers keep running while the engine restarts.
    package var hasLiveRestore: Bool?
    /// The engine's log driver for containers that name none.
    package var logDriver: String?
    /// Warnings for the host's administrator.
    package var warnings: [String] = []
    package var mirror = MirrorJSON()
    package var runs = RunCountsJSON()

    package init() {}

    package static let sources = ["flag", "api"]
    package static let states = ["connecting", "connected", "unreachable", "untrusted"]
    package static let reasons = [
        "ssh_down", "ssh_misconfigured", "auth_failed", "host_key_changed", "engine_down", "engine_hung",
        "engine_too_old", "engine_too_new", "not_docker",
    ]

    package static let fields: [JSONField<HostJSON>] = [
        .init("name", \.name, .string()),
        .init("endpoint", \.endpoint, .string()),
        .init("default", \.isDefault, .boolean),
        .init("source", \.source, .word(of: sources)),
        .init("drained", \.isDrained, .boolean),
        .init("scheduler", \.scheduler, .string()),
        .init("state", \.state, .word(of: states)),
        .init("reason", \.reason, .word(of: reasons)),
        .init("fingerprint", \.fingerprint, .string()),
        .init("error", \.error, .string()),
        .init("engine_version", \.engineVersion, .string()),
        .init("api_version", \.apiVersion, .string()),
        .init("latency_ms", \.latency, .anyNumber),
        .init("last_seen_at", \.lastSeenAt, .time),
        .init("clock_skew_ms", \.clockSkew, .anyNumber),
        .init("live_restore", \.hasLiveRestore, .boolean),
        .init("log_driver", \.logDriver, .string()),
        .init("warnings", \.warnings, .list(of: .string())),
        .init("mirror", \.mirror, MirrorJSON.decoder),
        .init("runs", \.runs, RunCountsJSON.decoder),
    ]
}

/// How well a host's events agree with full lists since the server's start.
package struct MirrorJSON: JSONRecord {
    package var events = 0
    /// By the engine's clock.
    package var lastEventAt: String?
    /// The number of full lists, in addition to the one at each connect.
    package var lists = 0
    /// How many runs had a different state in these lists than by events.
    package var corrections = 0

    package init() {}

    package static let fields: [JSONField<MirrorJSON>] = [
        .init("events", \.events, .integer()),
        .init("last_event_at", \.lastEventAt, .time),
        .init("lists", \.lists, .integer()),
        .init("corrections", \.corrections, .integer()),
    ]
}

package struct RunCountsJSON: JSONRecord {
    package var running = 0
    package var finished = 0

    package init() {}

    package static let fields: [JSONField<RunCountsJSON>] = [
        .init("running", \.running, .integer()),
        .init("finished", \.finished, .integer()),
    ]
}

extension FieldDecoder where Value == Double {
    fileprivate static var anyNumber: FieldDecoder {
        .number(in: -.greatestFiniteMagnitude ... .greatestFiniteMagnitude)
    }
}
