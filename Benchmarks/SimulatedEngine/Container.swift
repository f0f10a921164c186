/// One container of a simulated engine; of use on its event loop alone.
final class Container {
    let id: String
    let name: String
    let definition: ContainerDefinition
    /// The run's id, where the definition is shared by many.
    private let run: String?
    /// All times are nanoseconds since 1970; 0 is never.
    let created: Int64
    private(set) var startedAt: Int64 = 0
    private(set) var finishedAt: Int64 = 0
    private(set) var state = State.created
    private(set) var exitCode = 0

    enum State: String {
        case created
        case running
        case exited
    }

    init(id: String, name: String, definition: ContainerDefinition, run: String? = nil, created: Int64) {
        self.id = id
        self.name = name
        self.definition = definition
        self.run = run
        self.created = created
    }

    var labels: [String: String] {
        guard let run else { return definition.labels }
        return definition.labels.merging(["berth.run": run]) { _, own in own }
    }

    func start(at time: Int64) {
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

    /// Whether it carries every one of `wanted`, each `name` or `name=value`.
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

/// What containers were made from; the body of `POST /containers/create`, as far as it is told again.
final class ContainerDefinition: Decodable {
    let image: String
    let command: [String]?
    let environment: [String]?
    let labels: [String: String]

    init(image: String, command: [String]?, environment: [String]?, labels: [String: String]) {
        self.image = image
        self.command = command
        self.environment = environment
        self.labels = labels
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        image = try container.decode(String.self, forKey: .image)
        command = try container.decodeIfPresent([String].self, forKey: .command)
        environment = try container.decodeIfPresent([String].self, forKey: .environment)
        labels = try container.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
    }

    private enum CodingKeys: String, CodingKey {
        case image = "Image"
        case command = "Cmd"
        case environment = "Env"
        case labels = "Labels"
    }
}
