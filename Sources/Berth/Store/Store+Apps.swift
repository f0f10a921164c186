import SQL

extension Store {
    /// Stores a new app with its first release.
    ///
    /// A repeated operation returns the app that it has created.
    ///
    /// - Throws: `SQLError.uniqueViolation` when another app has that name.
    func createApp(
        _ name: AppName,
        _ settings: AppSettings,
        by caller: Caller,
        at now: Timestamp
    ) async throws -> App {
        let text = settings.stored
        return try await database.write { connection in
            if let app = try connection.app(name) {
                let made = try connection.release(of: name, madeBy: caller.operation)
                guard made == 1, app.release == 1 else { throw SQLError.uniqueViolation }
                return app
            }
            try connection.addApp(name, release: 1, at: now)
            let release = Release(
                app: name,
                number: 1,
                settings: settings,
                createdAt: now,
                createdBy: caller.name,
                origin: .created
            )
            try connection.add(release, settings: text, by: caller.operation)
            return App(name: name, release: 1, settings: settings, createdAt: now, updatedAt: now)
        }
    }

    /// The app, or nil if no app has that name.
    func app(_ name: AppName) async throws -> App? {
        try await database.read { try $0.app(name) }
    }

    /// - Throws: `BerthError` `appNotFound`.
    func existingApp(_ name: AppName) async throws -> App {
        guard let app = try await app(name) else { throw BerthError.appNotFound(name) }
        return app
    }

    /// At most `limit` of the apps in the scope after `name`, by name; all of them by default.
    package func apps(
        in scope: AppScope = .everything,
        after name: String = "",
        limit: Int = .max
    ) async throws -> [App] {
        let patterns = scope.isEverything ? ["%"] : scope.patterns.map { $0.description.replacing("*", with: "%") }
        guard !patterns.isEmpty else { return [] }
        let isInScope = patterns.map { _ in "apps.name LIKE ?" }.joined(separator: " OR ")
        return try await database.read { connection in
            try connection.rows(
                "\(selectApp) WHERE apps.name > ? AND (\(isInScope)) ORDER BY apps.name LIMIT ?",
                [.text(name)] + patterns.map { .text($0) } + [.integer(limit)]
            ).map(app(from:))
        }
    }

    /// Adds a release with the settings that `change` makes of the current ones, unless they stay the same.
    ///
    /// - Parameters:
    ///   - expected: the required current release; nil accepts any.
    ///   - objection: why settings must not be used; nil if they may.
    /// - Throws: `BerthError` `appNotFound`, `releaseChanged`, and the objection; `SQLError.uniqueViolation` when a
    ///   concurrent request adds a release.
    func changeApp(
        _ name: AppName,
        ifRelease expected: Int?,
        by caller: Caller,
        at now: Timestamp,
        objection: @escaping @Sendable (AppSettings) -> BerthError? = { _ in nil },
        _ change: @escaping @Sendable (AppSettings) throws -> AppSettings
    ) async throws -> App {
        try await database.write { connection -> Result<App, BerthError> in
            guard let app = try connection.app(name) else { return .failure(.appNotFound(name)) }
            guard expected == nil || expected == app.release else {
                return .failure(.releaseChanged(name, to: app.release))
            }
            let settings = try change(app.settings)
            if let error = objection(settings) { return .failure(error) }
            let text = settings.stored
            // Compares byte by byte: Swift's == treats composed and decomposed letters as equal, a container does not.
            guard !text.utf8.elementsEqual(app.settings.stored.utf8) else { return .success(app) }
            return .success(try connection.addRelease(to: app, settings, text, origin: .changed, by: caller, at: now))
        }.get()
    }

    /// Adds a release with the settings of an earlier one.
    ///
    /// - Parameter objection: why settings must not be used; nil if they may.
    /// - Throws: like ``changeApp(_:ifRelease:by:at:objection:_:)``, and `BerthError` `releaseNotFound`.
    func rollBackApp(
        _ name: AppName,
        to number: Int,
        ifRelease expected: Int?,
        by caller: Caller,
        at now: Timestamp,
        objection: @escaping @Sendable (AppSettings) -> BerthError? = { _ in nil }
    ) async throws -> App {
        try await database.write { connection -> Result<App, BerthError> in
            guard let app = try connection.app(name) else { return .failure(.appNotFound(name)) }
            if let made = try connection.release(of: name, madeBy: caller.operation), made <= app.release {
                return .success(app)
            }
            guard expected == nil || expected == app.release else {
                return .failure(.releaseChanged(name, to: app.release))
            }
            guard let earlier = try connection.release(number, of: name) else {
                return .failure(.releaseNotFound(name))
            }
            if let error = objection(earlier.settings) { return .failure(error) }
            let text = earlier.settings.stored
            let origin = Release.Origin.rolledBack(to: number)
            return .success(
                try connection.addRelease(to: app, earlier.settings, text, origin: origin, by: caller, at: now)
            )
        }.get()
    }

    /// Deletes the app with its releases, its secrets and the records of `runs`, unless it has new runs.
    ///
    /// - Returns: whether it is deleted.
    /// - Throws: `BerthError` `releaseChanged`.
    func deleteApp(
        _ name: AppName,
        withRuns runs: Set<RunID>,
        ifRelease expected: Int?
    ) async throws -> Bool {
        try await database.writeEvenIfFull { connection -> Result<Bool, BerthError> in
            if let expected, let app = try connection.app(name), app.release != expected {
                return .failure(.releaseChanged(name, to: app.release))
            }
            let recorded = try connection.texts("SELECT id FROM runs WHERE app = ?", [.text(name)])
            guard recorded.allSatisfy({ runs.contains(RunID(recorded: $0)) }) else { return .success(false) }
            try connection.run("DELETE FROM runs WHERE app = ?", [.text(name)])
            try connection.run("DELETE FROM releases WHERE app = ?", [.text(name)])
            try connection.run("DELETE FROM secrets WHERE app = ?", [.text(name)])
            try connection.run("DELETE FROM apps WHERE name = ?", [.text(name)])
            return .success(true)
        }.get()
    }
}

private let selectApp = """
    SELECT apps.name AS name, current_release, settings, apps.created_at AS created_at, updated_at
    FROM apps JOIN releases ON releases.app = apps.name AND releases.number = apps.current_release
    """

private func app(from row: SQLRow) throws -> App {
    App(
        name: try AppName(row.text("name")),
        release: try row.integer("current_release"),
        settings: try AppSettings(stored: row.text("settings")),
        createdAt: try row.time("created_at"),
        updatedAt: try row.time("updated_at")
    )
}

extension SQLConnection {
    func app(_ name: AppName) throws -> App? {
        try rows("\(selectApp) WHERE apps.name = ?", [.text(name)]).first.map(Berth.app(from:))
    }

    /// Inserts the row of an app; the caller adds its release.
    func addApp(_ name: AppName, release: Int, at now: Timestamp) throws {
        try insert(
            into: .apps,
            [
                ("name", .text(name)), ("current_release", .integer(release)),
                ("created_at", .time(now)), ("updated_at", .time(now)),
            ]
        )
    }

    /// Whether the app and its release are still the ones that were read.
    func isCurrent(_ app: App) throws -> Bool {
        try has(
            "SELECT 1 FROM apps WHERE name = ? AND created_at = ? AND current_release = ?",
            [.text(app.name), .time(app.createdAt), .integer(app.release)]
        )
    }

    /// Adds a release and returns the app with it.
    ///
    /// - Throws: `SQLError.uniqueViolation` when a concurrent request adds a release.
    fileprivate func addRelease(
        to app: App,
        _ settings: AppSettings,
        _ text: String,
        origin: Release.Origin,
        by caller: Caller,
        at now: Timestamp
    ) throws -> App {
        let release = Release(
            app: app.name,
            number: try newestRelease(of: app.name) + 1,
            settings: settings,
            createdAt: now,
            createdBy: caller.name,
            origin: origin
        )
        try add(release, settings: text, by: caller.operation)
        let changed = try update(
            .apps,
            [("current_release", .integer(release.number)), ("updated_at", .time(now))],
            where: "name = ? AND current_release = ?",
            [.text(app.name), .integer(app.release)]
        )
        guard changed == 1 else { throw SQLError.uniqueViolation }
        return App(
            name: app.name,
            release: release.number,
            settings: settings,
            createdAt: app.createdAt,
            updatedAt: now
        )
    }
}
