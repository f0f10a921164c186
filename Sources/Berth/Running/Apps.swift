/// What can be done with apps.
///
/// Each call checks, changes the store, and has runs removed where that is part of it.
package struct Apps: Sendable {
    let store: Store
    let runs: LiveRuns
    let runner: Runner

    /// - Throws: `BerthError` `app_exists`.
    package func create(_ name: AppName, _ settings: AppSettings) async throws -> App {
        do {
            return try await store.createApp(name, settings, at: .now())
        } catch StoreError.uniqueViolation {
            throw BerthError(
                .appExists,
                "There is an app \(name) already. Change it with PUT or PATCH /apps/\(name), or choose another name."
            )
        }
    }

    /// All apps, by name.
    package func list() async throws -> [App] { try await store.apps() }

    /// - Throws: `BerthError` `app_not_found`.
    package func get(_ name: AppName) async throws -> App {
        guard let app = try await store.app(name) else { throw BerthError.appNotFound(name) }
        return app
    }

    /// Makes a new release with the settings that `change` makes of the present ones; running containers keep theirs.
    ///
    /// - Throws: `BerthError` `app_not_found`, or what `change` throws, and then nothing changes.
    package func change(
        _ name: AppName,
        _ change: @escaping @Sendable (AppSettings) throws -> AppSettings
    ) async throws -> App {
        guard let app = try await store.changeApp(name, at: .now(), change) else { throw BerthError.appNotFound(name) }
        return app
    }

    /// Deletes the app with its releases, its finished containers and the records of its runs.
    ///
    /// - Parameter force: stops and removes its running containers too.
    /// - Throws: `BerthError` `app_not_found`; `app_has_running_containers` without `force`; what hosts say no to.
    package func delete(_ name: AppName, force: Bool) async throws {
        _ = try await get(name)
        for _ in 0..<3 {
            let present = runs.runs(of: name)
            let running = present.filter { $0.state.status == .running }
            guard force || running.isEmpty else { throw Self.hasRunning(name, running.count) }
            try await runner.remove(present)
            let ids = Set(present.map(\.id))
            if try await store.deleteApp(name, withRuns: ids) {
                runs.remove(ids)
                return
            }
        }
        throw BerthError(
            .appHasRunningContainers,
            "The app \(name) is being run while it is being deleted. Stop running it, then delete it again.",
            retryAfter: 1
        )
    }

    private static func hasRunning(_ name: AppName, _ count: Int) -> BerthError {
        let containers = count == 1 ? "1 running container" : "\(count) running containers"
        return BerthError(
            .appHasRunningContainers,
            "The app \(name) has \(containers). DELETE /apps/\(name)?force=true stops and removes them."
        )
    }
}
