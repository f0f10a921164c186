package import SQL

extension SQLTable {
    /// All tables, ordered so that each row's references precede it.
    package static let all = [
        hosts, apps, releases, runs, runLogs, idempotencyKeys, tokens, sessions, secrets, registries, policy, audit,
        instance,
    ]

    package static let hosts = SQLTable(
        name: "hosts",
        keyCount: 1,
        columns: ["name", "endpoint", "created_at", "updated_at", "source", "is_drained", "operation"]
    )
    package static let apps = SQLTable(
        name: "apps",
        keyCount: 1,
        columns: ["name", "current_release", "created_at", "updated_at"]
    )
    static let releases = SQLTable(
        name: "releases",
        keyCount: 2,
        columns: ["app", "number", "settings", "created_at", "created_by", "origin", "restored", "operation"]
    )
    static let runs = SQLTable(
        name: "runs",
        keyCount: 1,
        columns: [
            "id", "name", "app", "release_number", "host", "image", "state", "container_id", "exit_code", "reason",
            "out_of_memory", "created_at", "started_at", "finished_at", "command", "overrides", "stop_timeout",
            "max_runtime", "is_promised", "image_id", "ports", "operation", "item",
        ]
    )
    static let runLogs = SQLTable(
        name: "run_logs",
        keyCount: 1,
        columns: ["run", "is_complete", "content"],
        hasLongRows: true
    )
    static let idempotencyKeys = SQLTable(
        name: "idempotency_keys",
        keyCount: 2,
        columns: ["principal", "idempotency_key", "fingerprint", "operation", "created_at", "answer"]
    )
    static let tokens = SQLTable(
        name: "tokens",
        keyCount: 1,
        columns: ["id", "name", "hash", "role", "apps", "created_at", "created_by", "expires_at", "last_used_at"]
    )
    static let sessions = SQLTable(
        name: "sessions",
        keyCount: 1,
        columns: ["hash", "token", "created_at", "expires_at"]
    )
    static let secrets = SQLTable(
        name: "secrets",
        keyCount: 2,
        columns: ["app", "name", "value", "updated_at", "updated_by"],
        hasLongRows: true
    )
    static let registries = SQLTable(
        name: "registries",
        keyCount: 1,
        columns: ["server", "username", "password", "updated_at", "updated_by"],
        hasLongRows: true
    )
    static let policy = SQLTable(name: "policy", keyCount: 1, columns: ["id", "content", "updated_at", "updated_by"])
    static let audit = SQLTable(
        name: "audit",
        keyCount: 1,
        columns: ["id", "actor", "action", "target", "result", "code", "request_id", "address"]
    )
    /// The server's identity; copied last, so that an incomplete copy has none.
    package static let instance = SQLTable(name: "instance", keyCount: 1, columns: ["id", "created_at", "starts"])

    package var isInstance: Bool { name == Self.instance.name }
}

extension SQLValue {
    /// Milliseconds since 1970.
    static func time(_ time: Timestamp?) -> SQLValue { time.map { .integer($0.milliseconds) } ?? .null }
}

extension SQLRow {
    func time(_ column: String) throws(SQLError) -> Timestamp { Timestamp(milliseconds: Int64(try integer(column))) }

    func optionalTime(_ column: String) throws(SQLError) -> Timestamp? {
        try optionalInteger(column).map { Timestamp(milliseconds: Int64($0)) }
    }
}
