package import JSON

/// A request to start containers of an app.
package struct RunRequest: Sendable {
    package let app: AppName
    /// The number of containers.
    package let count: Int
    /// Nil means the app's own host, or else the server's default.
    package let host: HostName?
    package let overrides: RunOverrides

    package static let countRange = 1...100

    package init(app: AppName, count: Int = 1, host: HostName? = nil, overrides: RunOverrides = RunOverrides()) {
        self.app = app
        self.count = count
        self.host = host
        self.overrides = overrides
    }
}

/// How a run differs from its release.
package struct RunOverrides: Sendable, Equatable {
    package let command: Command?
    /// Added to the release's variables; replace those of the same name.
    package let variables: Variables
    package let pull: PullPolicy?

    package init(command: Command? = nil, variables: Variables = Variables(), pull: PullPolicy? = nil) {
        self.command = command
        self.variables = variables
        self.pull = pull
    }

    /// Reads the overrides from the fields of an object.
    package init(_ reader: inout ObjectReader) {
        command = reader.optional("command", .command) ?? nil
        variables = reader.optional("variables", .variables) ?? Variables()
        pull = reader.optional("pull", .pull)
    }

    var isEmpty: Bool { command == nil && variables.list.isEmpty && pull == nil }
}

extension AppSettings {
    /// - Throws: when the combined variables are too many.
    func overridden(by overrides: RunOverrides) throws(InvalidValue) -> AppSettings {
        var settings = self
        if let command = overrides.command { settings.command = command }
        if let pull = overrides.pull { settings.pull = pull }
        settings.variables = try variables.overridden(by: overrides.variables)
        return settings
    }
}
