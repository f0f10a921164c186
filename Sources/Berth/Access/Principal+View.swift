extension Principal {
    /// The app as this principal may see it.
    package func view(of app: App) -> App {
        App(
            name: app.name,
            release: app.release,
            settings: view(of: app.settings),
            createdAt: app.createdAt,
            updatedAt: app.updatedAt
        )
    }

    /// The release as this principal may see it.
    package func view(of release: Release) -> Release {
        Release(
            app: release.app,
            number: release.number,
            settings: view(of: release.settings),
            createdAt: release.createdAt,
            createdBy: release.createdBy,
            origin: release.origin
        )
    }

    /// A viewer gets the names of variables alone.
    private func view(of settings: AppSettings) -> AppSettings {
        guard role == .viewer else { return settings }
        var settings = settings
        settings.variables = Variables(
            fitting: settings.variables.list.map { try? Variable(name: $0.name, value: "***") }
        )
        return settings
    }
}
