import Berth
import BerthAPI
import DockerEngine

/// An app as a client defines it, checked.
struct AppInput: Sendable {
    let name: AppName
    let settings: AppSettings

    /// Reads a whole definition.
    ///
    /// - Parameter name: what the path says, which the body may repeat; nil where the body must say it.
    init(_ json: JSONValue, named name: AppName? = nil) throws(FieldFaults) {
        var body = ObjectReader(json)
        let given = name == nil ? body.required("name", .appName) : body.optional("name", .appName)
        if let name, let given, given != name {
            body.reject("name", "must be \(name), as in the path; an app cannot be renamed")
        }
        let image = body.required("image", .image)
        let command = body.optional("command", .command) ?? nil
        let variables = body.optional("variables", .variables) ?? Variables()
        let settings: AppSettings
        (self.name, settings) = try body.finish(
            name ?? given,
            image.map { AppSettings(image: $0, command: command, variables: variables) }
        )
        self.settings = settings
    }

    /// The present definition with a merge patch (RFC 7396) applied.
    ///
    /// Variables are patched as an object, by name; a list of them replaces them all.
    init(patching app: AppName, _ settings: AppSettings, with patch: JSONValue) throws(FieldFaults) {
        guard case .object = patch else { throw FieldFaults("must be an object, not \(patch.kind)", at: .root) }
        try self.init(Self.definition(of: app, settings).merged(with: patch), named: app)
    }

    private static func definition(of app: AppName, _ settings: AppSettings) -> JSONValue {
        var variables = JSONObject()
        for variable in settings.variables.list { variables.set(variable.name, to: .string(variable.value)) }
        let command: JSONValue? = settings.command.map { command in
            command.line.map { .string($0) } ?? .array(command.words.map { .string($0) })
        }
        return [
            "name": .string(app.description), "image": .string(settings.image.description),
            "command": command ?? .null, "variables": .object(variables),
        ]
    }
}

extension AppJSON {
    init(_ app: App) {
        let command = app.settings.command
        self.init(
            name: app.name.description,
            image: app.settings.image.description,
            command: command.map { $0.line ?? ShellWords.join($0.words) },
            variables: app.settings.variables.list.map { NamedString(name: $0.name, value: $0.value) }
        )
    }
}

extension FieldShape where Value == AppName {
    fileprivate static var appName: FieldShape {
        .init { value, pointer throws(FieldFaults) in
            try FieldShape<String>.string().map(AppName.init(_:), detail: \.message).read(value, pointer)
        }
    }
}

extension FieldShape where Value == ImageReference {
    fileprivate static var image: FieldShape {
        .init { value, pointer throws(FieldFaults) in
            try FieldShape<String>.string().map(ImageReference.init(_:), detail: \.message).read(value, pointer)
        }
    }
}

extension FieldShape where Value == Command? {
    /// Text without a word in it is no command.
    fileprivate static var command: FieldShape {
        .init { value, pointer throws(FieldFaults) in
            let words = try FieldShape<[String]>.words.read(value, pointer)
            var line: String?
            if case .string(let text) = value { line = text }
            if words.isEmpty, line != nil { return nil }
            do throws(InvalidValue) {
                return try Command(words: words, line: line)
            } catch {
                throw FieldFaults(error.message, at: pointer)
            }
        }
    }
}

extension FieldShape where Value == Variables {
    fileprivate static var variables: FieldShape {
        .init { value, pointer throws(FieldFaults) in
            let named = try FieldShape<[NamedString]>.namedStrings(rejecting: Self.fault(in:)).read(value, pointer)
            do throws(InvalidValue) {
                var variables = Variables()
                for entry in named { try variables.append(Variable(name: entry.name, value: entry.value)) }
                return variables
            } catch {
                throw FieldFaults(error.message, at: pointer)
            }
        }
    }

    private static func fault(in entry: NamedString) -> String? {
        do throws(InvalidValue) {
            _ = try Variable(name: entry.name, value: entry.value)
            return nil
        } catch {
            return error.message
        }
    }
}
