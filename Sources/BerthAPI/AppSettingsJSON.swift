/// What containers of an app are made from, as `/v1` shows it in apps and in releases.
package struct AppSettingsJSON: Sendable, Equatable {
    package var image: String
    /// The image's own where nil.
    package var command: [String]?
    /// The image's own where nil.
    package var entrypoint: [String]?
    /// In order, each name once.
    package var variables: [NamedString] = []
    /// The server's default where nil.
    package var host: String?
    package var ports: [PortJSON] = []
    package var volumes: [VolumeJSON] = []
    /// In bytes; no limit where nil.
    package var memory: Int64?
    /// In billionths of a processor; no limit where nil.
    package var nanoCPUs: Int64?
    package var restart = "no"
    /// In order, each name once.
    package var labels: [NamedString] = []
    package var user: String?
    package var workingDirectory: String?
    /// In seconds.
    package var stopTimeout: Int?
    /// In seconds.
    package var maxRuntime: Int?

    package init(image: String) { self.image = image }

    /// An object of `members` and these settings behind them.
    package func object(after members: [(name: String, value: JSONValue)]) -> JSONObject {
        var object = JSONObject()
        for member in members + self.members { object.set(member.name, to: member.value) }
        return object
    }

    private var members: [(name: String, value: JSONValue)] {
        [
            ("image", .string(image)),
            ("command", JSONValue(command)),
            ("entrypoint", JSONValue(entrypoint)),
            ("variables", JSONValue(variables)),
            ("host", JSONValue(host)),
            ("ports", .array(ports.map(\.json))),
            ("volumes", .array(volumes.map(\.json))),
            ("memory_bytes", JSONValue(memory)),
            ("cpus", cpus),
            ("restart", .string(restart)),
            ("labels", JSONValue(labels)),
            ("user", JSONValue(user)),
            ("working_dir", JSONValue(workingDirectory)),
            ("stop_timeout", JSONValue(stopTimeout)),
            ("max_runtime", JSONValue(maxRuntime)),
        ]
    }

    /// In processors: `2`, `0.5`.
    private var cpus: JSONValue {
        guard let nanoCPUs else { return .null }
        let (whole, rest) = nanoCPUs.quotientAndRemainder(dividingBy: 1_000_000_000)
        return rest == 0 ? JSONValue(whole) : JSONNumber(Double(nanoCPUs) / 1e9).map { .number($0) } ?? .null
    }
}

/// A published port; of an app, or of a run as its engine published it.
package struct PortJSON: Sendable, Equatable {
    package let container: UInt16
    /// Chosen by the engine where nil.
    package let host: UInt16?
    /// `tcp`, `udp` or `sctp`.
    package let transport: String

    package init(container: UInt16, host: UInt16?, transport: String) {
        self.container = container
        self.host = host
        self.transport = transport
    }

    package var json: JSONValue {
        ["container": JSONValue(container), "host": JSONValue(host), "protocol": .string(transport)]
    }
}

/// A named volume, mounted.
package struct VolumeJSON: Sendable, Equatable {
    package let name: String
    package let target: String
    package let isReadOnly: Bool

    package init(name: String, target: String, isReadOnly: Bool) {
        self.name = name
        self.target = target
        self.isReadOnly = isReadOnly
    }

    package var json: JSONValue {
        ["name": .string(name), "target": .string(target), "read_only": .bool(isReadOnly)]
    }
}
