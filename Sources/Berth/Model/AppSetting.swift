import DockerEngine
package import JSON

/// All that is known of one setting of an app: how it is read, answered, stored, documented and given to an engine.
package struct AppSetting: Sendable {
    package let name: String
    /// For people who look it up.
    package let summary: String
    package let schema: JSONValue
    fileprivate let isRequired: Bool
    fileprivate let read: @Sendable (inout ObjectReader, inout AppSettings?) -> Void
    fileprivate let json: @Sendable (AppSettings) -> JSONValue
    fileprivate let definition: @Sendable (AppSettings) -> JSONValue
    fileprivate let apply: @Sendable (AppSettings, inout ContainerSpec) -> Void
    fileprivate let adopt: @Sendable (inout AppSettings, ContainerDetails, ContainerConfig?) -> Void

    /// - Parameters:
    ///   - apply: puts the value into what a container is made from.
    ///   - adopt: the value that a container has and its image, which may be gone, has not; nil where it has none. What the
    ///     decoder would not accept is left out.
    init<Value: JSONRepresentable>(
        _ name: String,
        _ path: any WritableKeyPath<AppSettings, Value> & Sendable,
        _ decoder: FieldDecoder<Value>,
        _ summary: String,
        isRequired: Bool = false,
        apply: @escaping @Sendable (Value, inout ContainerSpec) -> Void,
        adopt: @escaping @Sendable (ContainerDetails, ContainerConfig?) -> Value?
    ) {
        self.name = name
        self.summary = summary
        self.isRequired = isRequired
        schema = decoder.schema
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
        apply: @escaping @Sendable (Value, inout ContainerSpec) -> Void,
        adopt: @escaping @Sendable (ContainerDetails, ContainerConfig?) -> Value?
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

extension AppSettings {
    /// Reads the settings among the fields of an object; nil where the image is missing or wrong.
    package init?(_ reader: inout ObjectReader) {
        let image = reader.required("image", .image)
        var settings = image.map { AppSettings(image: $0) }
        for setting in Self.all where !setting.isRequired { setting.read(&reader, &settings) }
        reader.suggest("variables", for: ["env", "envs", "environment", "env_vars"])
        guard let settings else { return nil }
        self = settings
    }

    /// Reads an object of settings alone.
    ///
    /// - Throws: ``FieldErrors``.
    package init(_ definition: JSONValue) throws(FieldErrors) {
        var reader = ObjectReader(definition)
        let settings = AppSettings(&reader)
        self = try reader.finish(settings)
    }

    /// Each setting as it is answered.
    package var json: JSONObject {
        var object = JSONObject()
        for setting in Self.all { object.set(setting.name, to: setting.json(self)) }
        return object
    }

    /// The settings as they were given and are stored: a command that came as a line is one, and null is left out.
    package var definition: JSONObject {
        var object = JSONObject()
        for setting in Self.all {
            let value = setting.definition(self)
            if value != .null { object.set(setting.name, to: value) }
        }
        return object
    }

    /// The container's own settings, beside what it has from its image; nil where it names no image.
    init?(of details: ContainerDetails, image: ContainerConfig?) {
        guard let reference = try? ImageReference(details.config.image) else { return nil }
        self.init(image: reference)
        for setting in Self.all { setting.adopt(&self, details, image) }
    }

    /// What these settings make of a container.
    func apply(to spec: inout ContainerSpec) {
        for setting in Self.all { setting.apply(self, &spec) }
    }
}
