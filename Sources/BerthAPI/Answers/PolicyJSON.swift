package import JSON

/// What all apps and their runs must keep to; nil means no limit.
package struct PolicyJSON: JSONRecord {
    /// Patterns of full names; an image is allowed if one of them matches it.
    package var images: [String] = []
    package var maxMemory: Int64?
    /// With its digits as sent: `2` or `1.5`.
    package var maxCPUs: JSONNumber?
    package var maxPIDs: Int?
    /// The most live runs of an app.
    package var maxRunsPerApp: Int?
    package var hostPorts = HostPortsJSON.word("any")
    package var containers = ContainerDefaultsJSON()

    package init() {}

    package static let fields: [JSONField<PolicyJSON>] = [
        .init("images", \.images, .list(of: .string())),
        .init("max_memory_bytes", \.maxMemory, .size),
        .init("max_cpus", \.maxCPUs, .cpus),
        .init("max_pids", \.maxPIDs, .integer()),
        .init("max_runs_per_app", \.maxRunsPerApp, .integer()),
        .init("host_ports", \.hostPorts, .hostPorts),
        .init("containers", \.containers, ContainerDefaultsJSON.decoder),
    ]
}

/// What each new container gets.
package struct ContainerDefaultsJSON: JSONRecord {
    package var hasNoNewPrivileges = false
    /// Nil for no limit.
    package var pidsLimit: Int?
    /// Nil for the engine's own limits.
    package var logBytes: Int64?
    package var logFiles = 0

    package init() {}

    package static let fields: [JSONField<ContainerDefaultsJSON>] = [
        .init("no_new_privileges", \.hasNoNewPrivileges, .boolean),
        .init("pids_limit", \.pidsLimit, .integer()),
        .init("log_max_bytes", \.logBytes, .size),
        .init("log_max_files", \.logFiles, .integer()),
    ]
}

/// The ports of hosts on which apps may publish theirs.
package enum HostPortsJSON: JSONRepresentable, Equatable {
    /// `any` or `none`.
    case word(String)
    /// First and last ports.
    case ranges([[Int]])

    package var json: JSONValue {
        switch self {
        case .word(let word): word.json
        case .ranges(let ranges): ranges.json
        }
    }
}

extension FieldDecoder where Value == HostPortsJSON {
    fileprivate static var hostPorts: FieldDecoder {
        let word = FieldDecoder<String>.word(of: ["any", "none"])
        let ranges = FieldDecoder<[[Int]]>.list(of: .list(of: .integer(), count: 2...2))
        return FieldDecoder(schema: .schema(ofOne: word.schema, ranges.schema)) { value, pointer throws(FieldErrors) in
            if case .array = value {
                .ranges(try ranges.read(value, pointer))
            } else {
                .word(try word.read(value, pointer))
            }
        }
    }
}

extension FieldDecoder where Value == JSONNumber {
    fileprivate static var cpus: FieldDecoder {
        let number = FieldDecoder<Double>.number(in: 0...1024)
        return FieldDecoder(schema: number.schema) { value, pointer throws(FieldErrors) in
            _ = try number.read(value, pointer)
            guard case .number(let number) = value else { throw .wrongKind(value, wanted: "a number", at: pointer) }
            return number
        }
    }
}
