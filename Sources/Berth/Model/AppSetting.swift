import DockerEngine
package import JSON

/// The complete definition of one setting of an app: how it is read, encoded, stored, documented and passed to an
/// engine.
package struct AppSetting: Sendable {
    package let name: String
    /// A description for the reference.
    package let summary: String
    /// Of what requests may send.
    package let schema: JSONValue
    /// Of what responses have.
    package let encodedSchema: JSONValue
    fileprivate let isRequired: Bool
    fileprivate let read: @Sendable (inout ObjectReader, inout AppSettings?) -> Void
    fileprivate let json: @Sendable (AppSettings) -> JSONValue
    fileprivate let definition: @Sendable (AppSettings) -> JSONValue
    fileprivate let apply: @Sendable (AppSettings, inout ContainerSpec) -> Void
    fileprivate let adopt: @Sendable (inout AppSettings, ContainerDetails, ContainerConfig?) -> Void

    /// - Parameters:
    ///   - apply: puts the value into the container's specification, if an engine has this setting.
    ///   - adopt: the value that a container has and its image, which may be gone, has not; nil if there is none. A
    ///     value that the decoder rejects is left out.
    init<Value: JSONRepresentable>(
        _ name: String,
        _ path: any WritableKeyPath<AppSettings, Value> & Sendable,
        _ decoder: FieldDecoder<Value>,
        _ summary: String,
        isRequired: Bool = false,
        apply: @escaping @Sendable (Value, inout ContainerSpec) -> Void = { _, _ in },
        adopt: @escaping @Sendable (ContainerDetails, ContainerConfig?) -> Value? = { _, _ in nil }
    ) {
        self.name = name
        self.summary = summary
        self.isRequired = isRequired
        schema = decoder.schema
        encodedSchema = Value.self is any OptionalValue.Type ? decoder.encodedSchema.orNull : decoder.encodedSchema
        read = { reader, settings in
            if let value = reader.optional(name, decoder) { settings?[keyPath: path] = value }
        }
        json = { $0[keyPath: path].json }
        definition = { $0[keyPath: path].definition }
        self.apply = { settings, spec in apply(settings[keyPath: path], &spec) }
        self.adopt = { settings, details, image in
            guard let found = adopt(details, image), let value = try? decoder.read(found.definition, .root) else {
                return
            }
            settings[keyPath: path] = value
        }
    }

    /// A setting that is nil unless it is given.
    init<Value: JSONRepresentable>(
        _ name: String,
        _ path: any WritableKeyPath<AppSettings, Value?> & Sendable,
        _ decoder: FieldDecoder<Value>,
        _ summary: String,
        apply: @escaping @Sendable (Value, inout ContainerSpec) -> Void = { _, _ in },
        adopt: @escaping @Sendable (ContainerDetails, ContainerConfig?) -> Value? = { _, _ in nil }
    ) {
        self.init(
            name,
            path,
            decoder.map { Optional($0) },
            summary,
            apply: { value, spec in if let value { apply(value, &spec) } },
            adopt: { details, image in adopt(details, image).map { Optional($0) } }
        )
    }
}

private protocol OptionalValue {}

extension Optional: OptionalValue {}

extension AppSettings {
    /// Reads the settings from the fields of an object; nil if the image is missing or invalid.
    package init?(_ reader: inout ObjectReader) {
        let image = reader.required("image", .image)
        var settings = image.map { AppSettings(image: $0) }
        for setting in Self.all where !setting.isRequired { setting.read(&reader, &settings) }
        reader.suggest("variables", for: ["env", "envs", "environment", "env_vars"])
        guard let settings else { return nil }
        self = settings
    }

    /// Reads an object that holds only settings.
    ///
    /// - Throws: ``FieldErrors``.
    package init(_ definition: JSONValue) throws(FieldErrors) {
        var reader = ObjectReader(definition)
        let settings = AppSettings(&reader)
        self = try reader.finish(settings)
    }

    /// The settings in the form of the API's responses.
    package var json: JSONObject {
        var object = JSONObject()
        for setting in Self.all { object.set(setting.name, to: setting.json(self)) }
        return object
    }

    /// The settings as they were given and are stored: a command that was given as a line stays one, and null is left
    /// out.
    package var definition: JSONObject {
        var object = JSONObject()
        for setting in Self.all {
            let value = setting.definition(self)
            if value != .null { object.set(setting.name, to: value) }
        }
        return object
    }

    /// The container's own settings, without those from its image; nil if the container names no image.
    init?(of details: ContainerDetails, image: ContainerConfig?) {
        guard let reference = try? ImageReference(details.config.image) else { return nil }
        self.init(image: reference)
        for setting in Self.all { setting.adopt(&self, details, image) }
    }

    /// Applies all settings to a container's specification.
    func apply(to spec: inout ContainerSpec) {
        for setting in Self.all { setting.apply(self, &spec) }
    }
}
