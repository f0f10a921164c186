import Berth
package import Configuration
import FoundationEssentials
import Glibc
import UnixSignals

/// What is done to a database while no server, or none but a reader of it, is at work: back up, restore, move.
package struct Maintenance: Sendable {
    private let stateDirectory: String
    private let config: ConfigReader

    /// Reads `berth.*` from flags and environment, as the server does.
    package init(_ config: ConfigReader) throws {
        umask(0o077)
        self.config = config.scoped(to: "berth")
        stateDirectory = try absolute(
            self.config.string(forKey: "state-dir") ?? Settings.defaultStateDirectory,
            "--state-dir"
        )
    }

    /// Copies the SQLite database to `file` while a server may be using it.
    ///
    /// - Parameter replaces: whether what is there may go.
    /// - Returns: a line that says what it holds.
    package func backUp(to file: String, replaces: Bool) async throws -> String {
        let file = try absolute(file, "FILE")
        switch try database() {
        case .mysql(let address):
            throw SettingsError(
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
    package func restore(from file: String, progress: @escaping @Sendable (String) -> Void) async throws -> String {
        let file = try absolute(file, "FILE")
        let target = try database()
        try makeDirectory(stateDirectory)
        let lock = try FileLock(path: stateDirectory + "/lock", guarding: stateDirectory)
        defer { withExtendedLifetime(lock) {} }
        switch target {
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

    /// Moves what `--from` holds into the empty `--to`; no server may be using either.
    ///
    /// - Parameter progress: called with lines on the way.
    /// - Returns: a line that says what to do next.
    package func migrate(progress: @escaping @Sendable (String) -> Void) async throws -> String {
        guard let to = config.string(forKey: "to") else {
            throw SettingsError("--to or BERTH_TO has to say where to: sqlite:PATH or mysql://user@host:port/database")
        }
        let from = config.string(forKey: "from") ?? config.string(forKey: "database")
        let source = try Settings.database(from, stateDirectory: stateDirectory, flag: "--from")
        let target = try Settings.database(to, stateDirectory: stateDirectory, flag: "--to")
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

    private func database() throws -> DatabaseURL {
        try Settings.database(config.string(forKey: "database"), stateDirectory: stateDirectory)
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
        throw SettingsError("interrupted; everything is as it was")
    }
}
