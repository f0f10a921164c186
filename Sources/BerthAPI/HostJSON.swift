package import JSON

/// A host as `/v1/hosts` answers it.
package struct HostJSON: Sendable, Equatable {
    package let name: String
    package let endpoint: String
    package let isDefault: Bool
    /// `connecting`, `connected`, `unreachable` or `untrusted`.
    package let state: String
    /// Why it is unreachable, one word for programs.
    package let reason: String?
    /// Of the key that waits to be approved: `SHA256:…`.
    package let fingerprint: String?
    /// What to do, for people.
    package let error: String?
    package let engineVersion: String?
    package let apiVersion: String?
    /// Of the engine's last answer to a ping, in milliseconds.
    package let latency: Double?
    /// RFC 3339.
    package let lastSeenAt: String?
    package let running: Int
    package let finished: Int
    /// How far the engine's clock is ahead, in milliseconds; nil until it was asked.
    package var clockSkew: Double?
    /// Whether containers outlive a restart of the engine.
    package var hasLiveRestore: Bool?
    /// The engine's, for containers that name none.
    package var logDriver: String?
    /// What its keeper should know, for people.
    package var warnings: [String] = []
    package var mirror = MirrorJSON()

    package init(
        name: String,
        endpoint: String,
        isDefault: Bool,
        state: String,
        reason: String?,
        fingerprint: String?,
        error: String?,
        engineVersion: String?,
        apiVersion: String?,
        latency: Double?,
        lastSeenAt: String?,
        running: Int,
        finished: Int
    ) {
        self.name = name
        self.endpoint = endpoint
        self.isDefault = isDefault
        self.state = state
        self.reason = reason
        self.fingerprint = fingerprint
        self.error = error
        self.engineVersion = engineVersion
        self.apiVersion = apiVersion
        self.latency = latency
        self.lastSeenAt = lastSeenAt
        self.running = running
        self.finished = finished
    }

    package var json: JSONValue {
        [
            "name": .string(name),
            "endpoint": .string(endpoint),
            "default": .bool(isDefault),
            "scheduler": "engine",
            "state": .string(state),
            "reason": JSONValue(reason),
            "fingerprint": JSONValue(fingerprint),
            "error": JSONValue(error),
            "engine_version": JSONValue(engineVersion),
            "api_version": JSONValue(apiVersion),
            "latency_ms": latency.flatMap { JSONNumber($0) }.map { .number($0) } ?? .null,
            "last_seen_at": JSONValue(lastSeenAt),
            "clock_skew_ms": clockSkew.flatMap { JSONNumber($0) }.map { .number($0) } ?? .null,
            "live_restore": hasLiveRestore.map { .bool($0) } ?? .null,
            "log_driver": JSONValue(logDriver),
            "warnings": .array(warnings.map { .string($0) }),
            "mirror": mirror.json,
            "runs": ["running": JSONValue(running), "finished": JSONValue(finished)],
        ]
    }
}

/// How a host's events and full lists have agreed since the server was started.
package struct MirrorJSON: Sendable, Equatable {
    package var events = 0
    /// RFC 3339, by the engine's clock.
    package var lastEventAt: String?
    /// Full lists, beside the one at each connect.
    package var lists = 0
    /// Runs that these lists showed otherwise than events had told.
    package var corrections = 0

    package init(events: Int = 0, lastEventAt: String? = nil, lists: Int = 0, corrections: Int = 0) {
        self.events = events
        self.lastEventAt = lastEventAt
        self.lists = lists
        self.corrections = corrections
    }

    var json: JSONValue {
        [
            "events": JSONValue(events),
            "last_event_at": JSONValue(lastEventAt),
            "lists": JSONValue(lists),
            "corrections": JSONValue(corrections),
        ]
    }
}
