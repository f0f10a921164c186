import SQL

/// The use cases for apps.
///
/// Each call checks its arguments, changes the store, and removes runs where that is part of it.
package struct Apps: Sendable {
    let store: Store
    let runs: RunCache
    let runner: Runner
    let feed: ChangeFeed

    /// - Throws: `BerthError` `appExists`, `appOutsideScope`, `policyDenied`.
    package func create(_ name: AppName, _ settings: AppSettings, by caller: Caller) async throws -> App {
        let scope = caller.principal.scope
        guard scope.contains(name) else { throw BerthError.appOutsideScope(name, scope) }
        if let error = runner.policies.objection(to: settings) { throw error }
        do {
            let app = try await store.createApp(name, settings, by: caller, at: .now())
            feed.publish(.app(app))
            return app
        } catch SQLError.uniqueViolation {
            throw BerthError.appExists(name)
        }
    }

    /// The apps that the principal may see, by name.
    package func list(for principal: Principal) async throws -> [App] {
        try await store.apps(in: principal.scope).map(principal.view)
    }

    /// At most `limit` of the apps that the principal may see, after `name`, by name.
    package func list(for principal: Principal, after name: String, limit: Int) async throws -> [App] {
        try await store.apps(in: principal.scope, after: name, limit: limit).map(principal.view)
    }

    /// - Throws: `BerthError` `appNotFound`.
    package func get(_ name: AppName) async throws -> App {
        try await store.existingApp(name)
    }

    /// Adds a release with the settings that `change` makes of the current ones; running containers keep theirs.
    ///
    /// - Parameter expected: the required current release; nil accepts any.
    /// - Throws: `BerthError` `appNotFound`, `releaseChanged` and `policyDenied`, or what `change` throws; then nothing
    ///   changes.
    package func change(
        _ name: AppName,
        ifRelease expected: Int? = nil,
        by caller: Caller,
        _ change: @escaping @Sendable (AppSettings) throws -> AppSettings
    ) async throws -> App {
        try await whileContended {
            try await store.changeApp(
                name,
                ifRelease: expected,
                by: caller,
                at: .now(),
                objection: runner.policies.objection,
                change
            )
        }
    }

    /// Adds a release with the settings of an earlier one.
    ///
    /// - Throws: `BerthError` `appNotFound`, `releaseNotFound`, `releaseChanged`, `policyDenied`.
    package func rollBack(
        _ name: AppName,
        to release: Int,
        ifRelease expected: Int? = nil,
        by caller: Caller
    ) async throws -> App {
        try await whileContended {
            try await store.rollBackApp(
                name,
                to: release,
                ifRelease: expected,
                by: caller,
                at: .now(),
                objection: runner.policies.objection
            )
        }
    }

    /// Deletes the app with its releases, its finished containers and the records of its runs.
    ///
    /// - Parameters:
    ///   - force: stops and removes its running containers too.
    ///   - expected: the required current release; nil accepts any.
    /// - Throws: `BerthError` `appNotFound`, `releaseChanged`; `appRuns` without `force`; the errors of hosts.
    package func delete(_ name: AppName, force: Bool, ifRelease expected: Int? = nil) async throws {
        let app = try await get(name)
        guard expected == nil || expected == app.release else { throw BerthError.releaseChanged(name, to: app.release) }
        for _ in 0..<3 {
            let present = runs.runs(of: name)
            let running = present.filter { $0.state.status == .running }
            guard force || running.isEmpty else { throw BerthError.appRuns(name, containers: running.count) }
            let unknownContainers = try await runner.unknownContainers(of: name, besides: present)
            let runningUnknownContainers = unknownContainers.filter(\.isRunning)
            guard force || runningUnknownContainers.isEmpty else {
                throw BerthError.appRuns(name, containers: runningUnknownContainers.count)
            }
            try await runner.remove(present)
            try await runner.remove(unknownContainers, of: name)
            let ids = Set(present.map(\.id))
            guard try await store.deleteApp(name, withRuns: ids, ifRelease: expected) else { continue }
            runs.remove(ids)
            runs.metrics.forget(name)
            return feed.publish(.appDeleted(name))
        }
        throw BerthError.appIsRunAgain(name)
    }

    /// Retries on conflicts: two concurrent changes make two releases, one after the other.
    private func whileContended(attempts: Int = 5, _ change: () async throws -> App) async throws -> App {
        do {
            let app = try await change()
            feed.publish(.app(app))
            return app
        } catch SQLError.uniqueViolation where attempts > 1 {
            return try await whileContended(attempts: attempts - 1, change)
        }
    }
}

// Releases.
extension Apps {
    /// At most `limit` releases before `number`, newest first.
    ///
    /// - Throws: `BerthError` `appNotFound`.
    package func releases(of name: AppName, before number: Int, limit: Int) async throws -> [Release] {
        let releases = try await store.releases(of: name, before: number, limit: limit)
        if releases.isEmpty { _ = try await get(name) }
        return releases
    }

    /// - Throws: `BerthError` `appNotFound`, `releaseNotFound`.
    package func release(_ number: Int, of name: AppName) async throws -> Release {
        if let release = try await store.release(number, of: name) { return release }
        _ = try await get(name)
        throw BerthError.releaseNotFound(name)
    }
}
