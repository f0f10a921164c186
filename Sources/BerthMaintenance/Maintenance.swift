import Berth
import Glibc
package import SQL
import UnixSignals

/// Back up, restore and move a database while no server uses it, or, for a back-up, while one does.
package struct Maintenance: Sendable {
    private let stateDirectory: String

    /// - Parameter stateDirectory: the server's; it is there.
    package init(stateDirectory: String) {
        umask(0o077)
        self.stateDirectory = stateDirectory
    }

    /// Copies the SQLite database to `file` while a server may be using it.
    ///
    /// - Parameter replaces: whether what is there may go.
    /// - Returns: a line that says what it holds.
    package func backUp(_ database: DatabaseURL, to file: String, replaces: Bool) async throws -> String {
        switch database {
        case .mysql(let address):
            throw MaintenanceError(
                "\(address) is backed up by its server's own tool (mysqldump on MySQL): \(address.dumpCommand(to: file))"
            )
        case .sqlite(let path):
            let made = try await interruptible { try await Backup(of: path, to: file, replaces: replaces).run() }
            return "berth backed up \(made.contents), \(made.bytes) bytes, to \(file)"
        }
    }

    /// Brings a back-up into the database, which no server may be using.
    ///
    /// - Parameter progress: called with lines on the way.
    /// - Returns: a line that says what there is now.
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
        let outcome = try await interruptible { try await restoration.replaceDatabase(at: .now()) { _ in } }
        try keep(outcome.instance)
        let kept = outcome.kept.map { "; what was there before is \($0)" } ?? ""
        return "berth restored \(outcome.contents) to sqlite:\(path)\(kept)"
    }

    private func restore(
        _ file: String,
        to address: MySQLAddress,
        _ progress: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        let restoration = try Restoration(from: file, to: stateDirectory + "/restore")
        defer { restoration.end() }
        let move = try await interruptible { try await StoreMove.open(from: restoration, to: address) { _ in } }
        let (contents, instance) = try await run(move, progress)
        try keep(instance)
        return "berth restored \(contents) to \(address)"
    }

    /// Moves what `source` holds into the empty `target`; no server may be using either.
    ///
    /// - Parameter progress: called with lines on the way.
    /// - Returns: a line that says what to do next.
    package func migrate(
        from source: DatabaseURL,
        to target: DatabaseURL,
        progress: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        let move = try await interruptible { try await StoreMove.open(from: source, to: target) }
        let (contents, _) = try await run(move, progress)
        return
            "berth moved \(contents) to \(target); \(source) is as it was. Next: berth serve --database with that URL"
    }

    private func run(
        _ move: StoreMove,
        _ progress: @escaping @Sendable (String) -> Void
    ) async throws -> (contents: StoreContents, instance: String) {
        do {
            return try await interruptible { try await move.run { progress("\($0)") } }
        } catch CopyError.targetIsInUse {
            // What is in it is somebody else's.
            throw CopyError.targetIsInUse
        } catch {
            try await move.undo()
            throw error
        }
    }

    /// Under this id the server's containers are known, should the database ever be lost.
    private func keep(_ instance: String) throws {
        try ServerIdentity(path: stateDirectory + "/instance").keep(instance)
    }
}

/// Runs `body`, which is cancelled by SIGINT and SIGTERM.
private func interruptible<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return nil }
            return nil
        }
        if let result = try await group.next() ?? nil {
            group.cancelAll()
            return result
        }
        group.cancelAll()
        // It may come to its end all the same.
        if let late = try? await group.next() ?? nil { return late }
        throw MaintenanceError("interrupted; everything is as it was")
    }
}
