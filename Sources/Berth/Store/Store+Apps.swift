extension Store {
    /// Keeps a new app with its first release.
    ///
    /// - Throws: `StoreError.uniqueViolation` when there is one of that name.
    func createApp(_ name: AppName, _ settings: AppSettings, at now: Timestamp) async throws -> App {
        let text = try SettingsJSON.text(of: settings)
        try await database.write { connection in
            try connection.run(
                "INSERT INTO apps (name, current_release, created_at, updated_at) VALUES (?, 1, ?, ?)",
                [.text(name), .time(now), .time(now)]
            )
            try connection.addRelease(1, of: name, settings: text, at: now)
        }
        return App(name: name, release: 1, settings: settings, createdAt: now, updatedAt: now)
    }

    /// The app, or nil if there is none of that name.
    func app(_ name: AppName) async throws -> App? {
        try await database.read { try $0.app(name) }
    }

    /// All apps, by name.
    func apps() async throws -> [App] {
        try await database.read { connection in
            try connection.rows("\(selectApp) ORDER BY apps.name", []).map(app(from:))
        }
    }

    /// Gives the app the settings that `change` makes of its present ones, as a new release, unless they stay the same.
    ///
    /// - Returns: the app after it, or nil if there is none of that name.
    func changeApp(
        _ name: AppName,
        at now: Timestamp,
        _ change: @escaping @Sendable (AppSettings) throws -> AppSettings
    ) async throws -> App? {
        try await database.write { connection in
            guard let app = try connection.app(name) else { return nil }
            let settings = try change(app.settings)
            let text = try SettingsJSON.text(of: settings)
            // Byte by byte: to Swift's == a composed and a decomposed letter are the same, to a container they are not.
            guard !text.utf8.elementsEqual(try SettingsJSON.text(of: app.settings).utf8) else { return app }
            let release = app.release + 1
            try connection.addRelease(release, of: name, settings: text, at: now)
            try connection.run(
                "UPDATE apps SET current_release = ?, updated_at = ? WHERE name = ?",
                [.integer(release), .time(now), .text(name)]
            )
            return App(name: name, release: release, settings: settings, createdAt: app.createdAt, updatedAt: now)
        }
    }

    /// Deletes the app with its releases and the records of `runs`, unless it has others by now.
    ///
    /// - Returns: whether it is gone.
    func deleteApp(_ name: AppName, withRuns runs: Set<RunID>) async throws -> Bool {
        try await database.write { connection in
            let recorded = try connection.rows("SELECT id FROM runs WHERE app = ?", [.text(name)])
            guard try recorded.allSatisfy({ runs.contains(RunID(recorded: try $0.text(0))) }) else { return false }
            try connection.run("DELETE FROM runs WHERE app = ?", [.text(name)])
            try connection.run("DELETE FROM releases WHERE app = ?", [.text(name)])
            try connection.run("DELETE FROM apps WHERE name = ?", [.text(name)])
            return true
        }
    }
}

private let selectApp = """
    SELECT apps.name, apps.current_release, releases.settings, apps.created_at, apps.updated_at
    FROM apps JOIN releases ON releases.app = apps.name AND releases.number = apps.current_release
    """

private func app(from row: SQLRow) throws -> App {
    App(
        name: try AppName(row.text(0)),
        release: try row.integer(1),
        settings: try SettingsJSON.settings(from: row.text(2)),
        createdAt: try row.time(3),
        updatedAt: try row.time(4)
    )
}

extension SQLConnection {
    func app(_ name: AppName) throws -> App? {
        try rows("\(selectApp) WHERE apps.name = ?", [.text(name)]).first.map(Berth.app(from:))
    }

    fileprivate func addRelease(_ number: Int, of app: AppName, settings: String, at now: Timestamp) throws {
        try run(
            "INSERT INTO releases (app, number, settings, created_at) VALUES (?, ?, ?, ?)",
            [.text(app), .integer(number), .text(settings), .time(now)]
        )
    }
}
