/// One container of a simulated engine; only for use on its event loop.
package final class Container {
    package let id: String
    package let name: String
    package let definition: ContainerDefinition
    /// The run's id, if many containers share the definition.
    private let run: String?
    /// `sha256:…`.
    let imageID: String
    /// All times are nanoseconds since 1970; 0 is never.
    let created: Int64
    private(set) var startedAt: Int64 = 0
    private(set) var finishedAt: Int64 = 0
    package private(set) var state = State.created
    private(set) var exitCode = 0
    var log = ContainerLog()

    package enum State: String, Sendable {
        case created
        case running
        case paused
        case restarting
        case exited
    }

    package init(
        id: String,
        name: String,
        definition: ContainerDefinition,
        run: String? = nil,
        image: String = usualImageID,
        created: Int64
    ) {
        self.id = id
        self.name = name
        self.definition = definition
        self.run = run
        imageID = image
        self.created = created
    }

    package var labels: [String: String] {
        guard let run else { return definition.labels }
        return definition.labels.merging(["berth.run": run]) { _, own in own }
    }

    package func start(at time: Int64) {
        state = .running
        startedAt = time
        finishedAt = 0
        exitCode = 0
    }

    func end(at time: Int64, exitCode: Int) {
        state = .exited
        finishedAt = time
        self.exitCode = exitCode
    }

    /// Sets its state by this name, and keeps its times.
    func put(into name: String) {
        if let state = State(rawValue: name) { self.state = state }
    }

    /// Whether it has every one of the labels `wanted`, each `name` or `name=value`.
    func carries(_ wanted: [String]) -> Bool {
        wanted.allSatisfy { text in
            guard let equals = text.firstIndex(of: "=") else { return label(text) != nil }
            return label(String(text[..<equals])) == String(text[text.index(after: equals)...])
        }
    }

    private func label(_ name: String) -> String? {
        if let run, name == "berth.run" { return run }
        return definition.labels[name]
    }
}

/// The definition of containers; the fields of the body of `POST /containers/create` that are returned later.
package final class ContainerDefinition: Decodable {
    let image: String
    let command: [String]?
    let environment: [String]?
    let labels: [String: String]

    /// In Docker's form, by the container port.
    let portBindings: [String: [[String: String]]]
    /// In bytes; 0 for no limit.
    let memory: Int
    /// Billionths of a processor; 0 for no limit.
    let nanoCPUs: Int
    package let securityOptions: [String]?
    package let pidsLimit: Int?
    package let logConfig: LogConfig

    package struct LogConfig: Codable, Sendable, Equatable {
        package var driver: String?
        package var options: [String: String]?

        enum CodingKeys: String, CodingKey {
            case driver = "Type"
            case options = "Config"
        }
    }

    package init(image: String, command: [String]?, environment: [String]?, labels: [String: String]) {
        portBindings = [:]
        (memory, nanoCPUs, securityOptions, pidsLimit, logConfig) = (0, 0, nil, nil, LogConfig())
        self.image = image
        self.command = command
        self.environment = environment
        self.labels = labels
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        image = try container.decode(String.self, forKey: .image)
        command = try container.decodeIfPresent([String].self, forKey: .command)
        environment = try container.decodeIfPresent([String].self, forKey: .environment)
        labels = try container.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
        let host = try container.decodeIfPresent(HostConfig.self, forKey: .host)
        portBindings = host?.portBindings ?? [:]
        (memory, nanoCPUs) = (host?.memory ?? 0, host?.nanoCPUs ?? 0)
        securityOptions = host?.securityOptions
        pidsLimit = host?.pidsLimit
        logConfig = host?.logConfig ?? LogConfig()
    }

    private struct HostConfig: Decodable {
        let portBindings: [String: [[String: String]]]?
        let memory: Int?
        let nanoCPUs: Int?
        let securityOptions: [String]?
        let pidsLimit: Int?
        let logConfig: LogConfig?

        enum CodingKeys: String, CodingKey {
            case portBindings = "PortBindings"
            case memory = "Memory"
            case nanoCPUs = "NanoCpus"
            case securityOptions = "SecurityOpt"
            case pidsLimit = "PidsLimit"
            case logConfig = "LogConfig"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case image = "Image"
        case command = "Cmd"
        case environment = "Env"
        case labels = "Labels"
        case host = "HostConfig"
    }
}
