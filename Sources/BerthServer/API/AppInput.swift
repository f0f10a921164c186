import Berth
import BerthAPI
import DockerEngine

/// An app as a client of `/v1/apps` defines it, checked.
struct AppInput: Sendable {
    let name: AppName
    let settings: AppSettings

    /// What is answered beside what may be set, so that an answer can be edited and sent back; it is passed over.
    private static let answeredOnly = ["release", "created_at", "updated_at"]

    /// Reads a whole definition.
    ///
    /// - Parameters:
    ///   - name: what the path says, which the body may repeat; nil where the body must say it.
    ///   - hosts: those that there are.
    init(_ json: JSONValue, named name: AppName? = nil, hosts: [HostName]) throws(FieldFaults) {
        var reader = SettingsReader(json, named: name)
        reader.read("command", .command, into: \.command)
        reader.read("entrypoint", .command, into: \.entrypoint)
        reader.read("variables", .variables, into: \.variables)
        reader.read("host", .host(among: hosts), into: \.host)
        reader.read("ports", .ports, into: \.ports)
        reader.read("volumes", .volumes, into: \.volumes)
        reader.read("memory_bytes", .memory, into: \.memory)
        reader.read("cpus", .cpus, into: \.nanoCPUs)
        reader.read("restart", .restart, into: \.restart)
        reader.read("labels", .labels, into: \.labels)
        reader.read("user", .user, into: \.user)
        reader.read("working_dir", .workingDirectory, into: \.workingDirectory)
        reader.read("stop_timeout", .integer(in: AppSettings.stopTimeoutRange), into: \.stopTimeout)
        reader.read("max_runtime", .integer(in: AppSettings.maxRuntimeRange), into: \.maxRuntime)
        for field in Self.answeredOnly { _ = reader.body.optional(field, .anything) }
        (self.name, settings) = try reader.body.finish(reader.name, reader.settings)
    }

    /// The present definition with a merge patch (RFC 7396) applied.
    ///
    /// Variables and labels are patched as objects, by name; a list of them replaces them all.
    init(
        patching app: AppName,
        _ settings: AppSettings,
        with patch: JSONValue,
        hosts: [HostName]
    ) throws(FieldFaults) {
        guard case .object = patch else { throw FieldFaults("must be an object, not \(patch.kind)", at: .root) }
        try self.init(Self.definition(of: app, settings).merged(with: patch), named: app, hosts: hosts)
    }

    /// A command that was sent as a line stays one.
    private static func definition(of app: AppName, _ settings: AppSettings) -> JSONValue {
        var object = AppSettingsJSON(settings).object(after: [("name", .string(app.description))])
        if let line = settings.command?.line { object.set("command", to: .string(line)) }
        if let line = settings.entrypoint?.line { object.set("entrypoint", to: .string(line)) }
        return .object(object)
    }
}

/// Puts settings together field by field.
private struct SettingsReader {
    var body: ObjectReader
    let name: AppName?
    /// Nil where the image is missing or wrong; all else is read nevertheless, for its faults.
    private(set) var settings: AppSettings?

    init(_ json: JSONValue, named name: AppName?) {
        body = ObjectReader(json)
        self.name = body.appName(inPath: name)
        settings = body.required("image", .image).map { AppSettings(image: $0) }
    }

    mutating func read<Value>(
        _ field: String,
        _ shape: FieldShape<Value>,
        into path: WritableKeyPath<AppSettings, Value>
    ) {
        if let value = body.optional(field, shape) { settings?[keyPath: path] = value }
    }

    mutating func read<Value>(
        _ field: String,
        _ shape: FieldShape<Value>,
        into path: WritableKeyPath<AppSettings, Value?>
    ) {
        if let value = body.optional(field, shape) { settings?[keyPath: path] = value }
    }
}

extension ObjectReader {
    /// The name of an app.
    ///
    /// - Parameter path: what the path says, which the body may repeat; nil where the body must say it.
    mutating func appName(inPath path: AppName?) -> AppName? {
        guard let path else { return required("name", .appName) }
        if let given = optional("name", .appName), given != path {
            reject("name", "must be \(path), as in the path; an app cannot be renamed")
        }
        return path
    }
}
