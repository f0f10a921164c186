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
            "runs": ["running": JSONValue(running), "finished": JSONValue(finished)],
        ]
    }
}
