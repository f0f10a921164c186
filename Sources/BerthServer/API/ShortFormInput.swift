import Berth
import DockerEngine
import JSON

/// An app as defined by a client of the short form, validated.
struct ShortFormInput: Sendable {
    let name: AppName
    private let image: ImageReference
    private let command: Command?
    private let variables: Variables

    /// Reads a complete definition.
    ///
    /// - Parameter name: the name in the path, which the body may repeat; nil if the body must contain it.
    init(_ json: JSONValue, named name: AppName? = nil) throws(FieldErrors) {
        var body = ObjectReader(json)
        try self.init(&body, named: name)
    }

    private init(_ body: inout ObjectReader, named name: AppName?) throws(FieldErrors) {
        let name = body.appName(inPath: name)
        let image = body.required("image", .image)
        command = body.optional("command", .command) ?? nil
        variables = body.optional("variables", .variables) ?? Variables()
        (self.name, self.image) = try body.finish(name, image)
    }

    /// The JSON Schema of a complete definition.
    ///
    /// - Parameter isNamedInPath: whether the path contains the name, so that the body may omit it.
    static func schema(title: String, isNamedInPath: Bool = false) -> JSONValue {
        ObjectReader.schema(title: title) { body in
            _ = try? ShortFormInput(&body, named: isNamedInPath ? AppName("web") : nil)
        }
    }

    /// Applies a merge patch (RFC 7396) to the present definition.
    ///
    /// Variables are patched as an object, by name; a list replaces them all.
    init(patching app: AppName, _ settings: AppSettings, with patch: JSONValue) throws(FieldErrors) {
        guard case .object = patch else { throw FieldErrors("must be an object, not \(patch.kind)", at: .root) }
        try self.init(Self.definition(of: app, settings).merged(with: patch), named: app)
    }

    private static func definition(of app: AppName, _ settings: AppSettings) -> JSONValue {
        [
            "name": app.json, "image": settings.image.json, "command": settings.command.definition,
            "variables": settings.variables.json,
        ]
    }

    /// The settings of a new app.
    var settings: AppSettings { AppSettings(image: image, command: command, variables: variables) }

    /// `present` with these settings replaced; settings that the short form does not have are kept.
    func replacing(in present: AppSettings) -> AppSettings {
        var settings = present
        settings.image = image
        settings.command = command
        settings.variables = variables
        return settings
    }
}
