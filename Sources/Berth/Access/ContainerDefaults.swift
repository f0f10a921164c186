import JSON

/// What the policy gives to every new container.
struct ContainerDefaults: Sendable, Equatable {
    /// Whether programs with setuid or setgid bits, or file capabilities, gain nothing by them.
    var hasNoNewPrivileges = true
    /// The limit of processes and threads for apps without one; nil for none.
    var pidsLimit: Int? = 4096
    /// The size of one file of a container's output; nil leaves it to the engine.
    var logBytes: Int64? = 10 << 20
    /// The number of files of a container's output.
    var logFiles = 3

    init() {}
}

extension ContainerDefaults: JSONRepresentable {
    var json: JSONValue {
        [
            "no_new_privileges": .bool(hasNoNewPrivileges), "pids_limit": JSONValue(pidsLimit),
            "log_max_bytes": JSONValue(logBytes), "log_max_files": JSONValue(logFiles),
        ]
    }
}

extension FieldDecoder where Value == ContainerDefaults {
    static var containerDefaults: FieldDecoder {
        FieldDecoder.object { body throws(FieldErrors) in
            var defaults = ContainerDefaults()
            defaults.hasNoNewPrivileges = body.optional("no_new_privileges", .boolean) ?? defaults.hasNoNewPrivileges
            defaults.pidsLimit = body.optional("pids_limit", .pidsLimit, usual: 4096)
            defaults.logBytes = body.optional("log_max_bytes", .bytes(in: 64 << 10...1 << 40), usual: 10 << 20)
            defaults.logFiles = body.optional("log_max_files", .integer(in: 1...1000)) ?? defaults.logFiles
            try body.finish()
            return defaults
        }
    }
}
