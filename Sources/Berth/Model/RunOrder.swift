/// What somebody wants run.
package struct RunOrder: Sendable {
    package let app: AppName
    /// How many containers.
    package let count: Int
    /// The app's own host, or the server's default, where nil.
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

/// What a run has otherwise than its release.
package struct RunOverrides: Sendable, Equatable {
    package let command: Command?
    /// Beside the release's, or in place of those of the same name.
    package let variables: Variables

    package init(command: Command? = nil, variables: Variables = Variables()) {
        self.command = command
        self.variables = variables
    }

    var isEmpty: Bool { command == nil && variables.list.isEmpty }
}

extension AppSettings {
    /// - Throws: when there are too many variables together.
    func overridden(by overrides: RunOverrides) throws(InvalidValue) -> AppSettings {
        var settings = self
        if let command = overrides.command { settings.command = command }
        settings.variables = try variables.overridden(by: overrides.variables)
        return settings
    }
}
