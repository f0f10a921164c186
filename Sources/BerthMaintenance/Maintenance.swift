import Berth
package import SQL
import UnixSignals

/// Backs up, restores and moves a database while no server uses it; a backup also works while a server does.
package struct Maintenance: Sendable {
    private let stateDirectory: String

    /// - Parameter stateDirectory: the server's state directory, which must exist.
    package init(stateDirectory: String) {
        self.stateDirectory = stateDirectory
    }

    /// Copies the SQLite database to `file`, even while a server uses it.
    ///
    /// - Parameter replaces: whether an existing file may be replaced.
    /// - Returns: a line that says what the copy holds.
    package func backUp(_ database: DatabaseURL, to file: String, replaces: Bool) async throws -> String {
        switch database {
        case .mysql(let address):
            throw MaintenanceError(
                "\(address) is backed up by its server's own tool (mysqldump on MySQL): "
                    + "\(address.dumpCommand(to: file))"
            )
        case .sqlite(let path):
            let made = try await interruptible { try await Backup(of: path, to: file, replaces: replaces).run() }
            return "berth backed up \(made.contents), \(made.bytes) bytes, to \(file)"
        }
    }

    /// Restores a backup into the database, which no server may be using.
    ///
    /// - Parameter progress: called with lines that report progress.
    /// - Returns: a line that says what the database holds now.
    package func restore(
        _ file: String,
        to database: DatabaseURL,
        progress: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        let lock = try FileLock(path: stateDirectory + "/lock", guarding: stateDirectory)
        defer { withExtendedLifetime(lock) {} }
        switch database {
        case .sqlite(let path): return try await restore(file, to: path)
        case .mysql(let address): return try await restore(file, to: address, progress)
        }
    }

    private func restore(_ file: String, to path: String) async throws -> String {
        let restoration = try Restoration(from: file, to: path)
        let outcome = try await interruptible { try await restoration.replaceDatabase(at: .now()) }
        try keep(outcome.instance)
        let kept = outcome.kept.map { "; the previous database is \($0)" } ?? ""
        return "berth restored \(outcome.contents) to sqlite:\(path)\(kept)"
    }

    private func restore(
        _ file: String,
        to address: MySQLAddress,
        _ progress: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        let restoration = try Restoration(from: file, to: stateDirectory + "/restore")
        defer { restoration.end() }
        let move = try await interruptible { try await StoreMove.open(from: restoration, to: address) }
        let (contents, instance) = try await run(move, progress)
        try keep(instance)
        return "berth restored \(contents) to \(address)"
    }

    /// Moves the contents of `source` into the empty `target`; no server may be using either.
    ///
    /// - Parameter progress: called with lines that report progress.
    /// - Returns: a line that says what to do next.
    package func migrate(
        from source: DatabaseURL,
        to target: DatabaseURL,
        progress: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        let move = try await interruptible { try await StoreMove.open(from: source, to: target) }
        let (contents, _) = try await run(move, progress)
        return
            "berth moved \(contents) to \(target); \(source) was not changed. Next: berth serve --database with that "
            + "URL"
    }

    /// Replaces the key for secrets, and encrypts all of them with the new one; no server may use the database.
    ///
    /// - Parameter keyFile: the path of the file with the key.
    /// - Returns: a line that says what was done.
    package func replaceSecretKey(in keyFile: String, of database: DatabaseURL) async throws -> String {
        let lock = try FileLock(path: stateDirectory + "/lock", guarding: stateDirectory)
        defer { withExtendedLifetime(lock) {} }
        let store: Store
        switch database {
        case .sqlite(let path):
            guard FilePlace(path).exists else { throw MaintenanceError("There is no database at \(path).") }
            store = try await Store(SQLiteDatabase(path: path))
        case .mysql(let address): store = try await Store(MySQLDatabase(address))
        }
        do {
            let count = try await SecretKeyFile(path: keyFile).replaceKey(of: store)
            let what = count == 1 ? "1 secret" : "\(count) secrets"
            return "berth encrypted \(what) in \(database) with a new key, which is in \(keyFile)"
        } catch let error as BerthError {
            throw MaintenanceError("The key was not replaced. \(error) Set it again, or delete it, then try again.")
        } catch let error as SQLError {
            throw MaintenanceError("The secrets could not be encrypted with a new key", error)
        }
    }

    private func run(
        _ move: StoreMove,
        _ progress: @escaping @Sendable (String) -> Void
    ) async throws -> (contents: StoreContents, instance: String) {
        do {
            return try await interruptible { try await move.run(progress: progress) }
        } catch CopyError.targetIsInUse {
            // Its contents belong to another program and are left alone.
            throw CopyError.targetIsInUse
        } catch {
            try await move.undo()
            throw error
        }
    }

    /// Keeps the id by which the server recognizes its containers if the database is ever lost.
    private func keep(_ instance: String) throws {
        try ServerIdentity(path: stateDirectory + "/instance").keep(instance)
    }
}

/// Runs `body`, which SIGINT and SIGTERM cancel.
private func interruptible<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await SQLLimits.$usual.withValue(.seconds(60)) { try await body() } }
        group.addTask {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return nil }
            return nil
        }
        if let result = try await group.next() ?? nil {
            group.cancelAll()
            return result
        }
        group.cancelAll()
        // `body` may succeed in spite of the cancellation.
        if let late = try? await group.next() ?? nil { return late }
        throw MaintenanceError("interrupted; nothing was changed")
    }
}
