import DockerEngine
import FoundationEssentials

/// An app's settings as they stand in `releases.settings`.
///
/// Add fields as optionals: old rows stay as they are.
struct SettingsJSON: Codable {
    let image: String
    let command: [String]?
    let commandLine: String?
    /// Name and value in turn, in order.
    let variables: [[String]]
    let entrypoint: [String]?
    let entrypointLine: String?
    let host: String?
    let ports: [PortJSON]?
    let volumes: [VolumeJSON]?
    /// As `variables`.
    let labels: [[String]]?
    let memory: Int64?
    let nanoCPUs: Int64?
    let restart: String?
    let user: String?
    let workingDirectory: String?
    let stopTimeout: Int?
    let maxRuntime: Int?

    struct VolumeJSON: Codable {
        let name: String
        let target: String
        let readOnly: Bool
    }

    init(_ settings: AppSettings) {
        image = settings.image.description
        command = settings.command?.words
        commandLine = settings.command?.line
        variables = settings.variables.list.map { [$0.name, $0.value] }
        entrypoint = settings.entrypoint?.words
        entrypointLine = settings.entrypoint?.line
        host = settings.host?.description
        ports = settings.ports.list.map(PortJSON.init).nilIfEmpty
        volumes =
            settings.volumes.list
            .map { VolumeJSON(name: $0.name, target: $0.target, readOnly: $0.isReadOnly) }.nilIfEmpty
        labels = settings.labels.list.map { [$0.name, $0.value] }.nilIfEmpty
        memory = settings.memory
        nanoCPUs = settings.nanoCPUs
        restart = settings.restart == .no ? nil : settings.restart.rawValue
        user = settings.user
        workingDirectory = settings.workingDirectory
        stopTimeout = settings.stopTimeout
        maxRuntime = settings.maxRuntime
    }

    func settings() throws -> AppSettings {
        var settings = AppSettings(
            image: try ImageReference(image),
            command: try command.map { words throws(InvalidValue) in try Command(words: words, line: commandLine) },
            variables: try storedVariables(variables)
        )
        settings.entrypoint = try entrypoint.map { words throws(InvalidValue) in
            try Command(words: words, line: entrypointLine)
        }
        settings.host = try host.map(HostName.init)
        for port in ports ?? [] { try settings.ports.append(port.port()) }
        for volume in volumes ?? [] {
            try settings.volumes.append(
                Volume(name: volume.name, target: volume.target, isReadOnly: volume.readOnly)
            )
        }
        for (name, value) in try pairs(labels ?? []) { try settings.labels.append(Label(name: name, value: value)) }
        settings.memory = memory
        settings.nanoCPUs = nanoCPUs
        settings.restart = try restart.map(storedRestartPolicy) ?? .no
        settings.user = user
        settings.workingDirectory = workingDirectory
        settings.stopTimeout = stopTimeout
        settings.maxRuntime = maxRuntime
        return settings
    }

    static func text(of settings: AppSettings) throws -> String { try storedText(of: SettingsJSON(settings)) }

    static func settings(from text: String) throws -> AppSettings {
        try storedValue(SettingsJSON.self, from: text, "the settings of a release") { try $0.settings() }
    }
}

/// A port as it stands in `releases.settings` and `runs.ports`.
struct PortJSON: Codable {
    let container: UInt16
    let host: UInt16?
    let transport: String

    init(_ port: Port) {
        container = port.container
        host = port.host
        transport = port.transport.rawValue
    }

    func port() throws -> Port {
        guard let transport = PortProtocol(rawValue: transport) else {
            throw StoreError.damaged("a port has no known protocol")
        }
        return try Port(container: container, host: host, transport: transport)
    }
}

/// What a run has otherwise than its release, as it stands in `runs.overrides`.
struct OverridesJSON: Codable {
    let command: [String]?
    let commandLine: String?
    let variables: [[String]]

    init(_ overrides: RunOverrides) {
        command = overrides.command?.words
        commandLine = overrides.command?.line
        variables = overrides.variables.list.map { [$0.name, $0.value] }
    }

    func overrides() throws -> RunOverrides {
        RunOverrides(
            command: try command.map { words throws(InvalidValue) in try Command(words: words, line: commandLine) },
            variables: try storedVariables(variables)
        )
    }
}

/// The same value always gives the same text.
func storedText(of value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// - Parameter subject: what cannot be read, for the log.
func storedValue<JSON: Decodable, Value>(
    _ type: JSON.Type,
    from text: String,
    _ subject: String,
    _ value: (JSON) throws -> Value
) throws -> Value {
    do {
        return try value(JSONDecoder().decode(type, from: Data(text.utf8)))
    } catch {
        throw StoreError.damaged("\(subject) cannot be read: \(error)")
    }
}

private func storedVariables(_ list: [[String]]) throws -> Variables {
    var variables = Variables()
    for (name, value) in try pairs(list) { try variables.append(Variable(name: name, value: value)) }
    return variables
}

private func storedRestartPolicy(_ text: String) throws -> RestartPolicy {
    guard let policy = RestartPolicy(rawValue: text) else { throw StoreError.damaged("a restart policy is unknown") }
    return policy
}

private func pairs(_ list: [[String]]) throws -> [(String, String)] {
    try list.map { pair in
        guard pair.count == 2 else { throw StoreError.damaged("a name has no value") }
        return (pair[0], pair[1])
    }
}

extension Array {
    fileprivate var nilIfEmpty: Self? { isEmpty ? nil : self }
}
