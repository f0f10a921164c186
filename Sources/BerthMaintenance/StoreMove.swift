import Berth
import SQL

/// Moves the contents of one database into an empty one of any kind, while no server uses either.
struct StoreMove: Sendable {
    private let source: any SQLDatabase
    private let target: Target
    private let lock: FileLock?

    /// The database to fill.
    private enum Target {
        /// A file that is moved into place when it is complete.
        case file(DatabaseReplacement, FileLock)
        case server(MySQLDatabase)
    }

    /// Takes the locks of both databases and checks that both are suitable.
    ///
    /// - Throws: `OpeningError`, ``MaintenanceError``, ``CopyError``.
    static func open(from source: DatabaseURL, to target: DatabaseURL) async throws -> StoreMove {
        guard source.description != target.description else {
            throw MaintenanceError("The source and the target are both \(source). Choose another target.")
        }
        let (database, lock) = try await opened(source)
        return StoreMove(source: database, target: try await opened(target: target), lock: lock)
    }

    /// Prepares to move a backup into a database on a server.
    static func open(from restoration: Restoration, to address: MySQLAddress) async throws -> StoreMove {
        let target = try await opened(target: .mysql(address))
        return StoreMove(source: try await restoration.stage(), target: target, lock: nil)
    }

    /// Copies all rows and compares them.
    ///
    /// - Returns: the contents, and the id of the server that they belong to.
    func run(progress: (String) -> Void) async throws -> (contents: StoreContents, instance: String) {
        do {
            switch target {
            case .server(let database):
                try await StoreCopy(source: source, target: database).run(progress: progress)
            case .file(let replacement, _): try await fill(replacement, progress)
            }
            let instance = try await source.read { try $0.texts("SELECT id FROM instance")[0] }
            return (try await StoreContents(of: source), instance)
        } catch let error as SQLError {
            throw MaintenanceError("The copy failed", error)
        }
    }

    private func fill(_ replacement: DatabaseReplacement, _ progress: (String) -> Void) async throws {
        try replacement.begin()
        let fresh = try SQLiteFile(replacement.fresh).building()
        try await Migrations.all.apply(to: fresh)
        try await StoreCopy(source: source, target: fresh).run(progress: progress)
        try Task.checkCancellation()
        try replacement.putInEmptyPlace()
    }

    /// Makes the target as empty as it was, after ``run(progress:)`` has failed.
    func undo() async throws {
        switch target {
        case .file(let replacement, _): replacement.discard()
        case .server(let database):
            do {
                try await StoreCopy(source: source, target: database).empty()
            } catch {
                throw MaintenanceError(
                    "The target still contains an incomplete copy; the next berth migrate or restore into it first "
                        + "empties it",
                    error
                )
            }
        }
    }
}

extension StoreMove {
    private static func opened(_ source: DatabaseURL) async throws -> (any SQLDatabase, FileLock?) {
        switch source {
        case .sqlite(let path):
            if let obstacle = FilePlace(path).obstacle { throw MaintenanceError("\(obstacle).") }
            guard FilePlace(path).exists else { throw MaintenanceError("There is no database at \(path).") }
            let lock = try FileLock(path: path + ".lock", guarding: path)
            do {
                let database = try SQLiteFile(FilePlace(path)).reading()
                try check(version: await SQLiteIntegrityCheck(database: database).check(), of: source)
                return (database, lock)
            } catch let error as SQLError {
                throw MaintenanceError("\(path) cannot be read", error)
            } catch let refusal as MaintenanceError {
                throw MaintenanceError("\(path) cannot be moved", refusal)
            }
        case .mysql(let address):
            let database = try await MySQLDatabase(address)
            do {
                try check(version: await database.schemaVersion(), of: source)
            } catch let error as SQLError {
                throw MaintenanceError("\(source) is not a database of Berth", error)
            }
            return (database, nil)
        }
    }

    private static func check(version: Int, of source: DatabaseURL) throws {
        guard version <= Migrations.all.count else {
            throw OpeningError.newerSchema(version, newestKnown: Migrations.all.count)
        }
        guard version == Migrations.all.count else {
            throw MaintenanceError(
                "\(source) has schema \(version), but only schema \(Migrations.all.count) can be copied. "
                    + "Start berth serve with it once, to upgrade it."
            )
        }
    }

    private static func opened(target: DatabaseURL) async throws -> Target {
        switch target {
        case .sqlite(let path):
            if let obstacle = FilePlace(path).obstacle { throw MaintenanceError("\(obstacle).") }
            let lock = try FileLock(path: path + ".lock", guarding: path)
            guard try await isFree(FilePlace(path)) else { throw CopyError.targetIsInUse }
            return .file(DatabaseReplacement(of: path), lock)
        case .mysql(let address):
            let database = try await MySQLDatabase(address)
            try await checkIsFree(database)
            try await Migrations.all.apply(to: database)
            // The source does not matter yet; any database serves here.
            try await StoreCopy(source: database, target: database).prepare()
            return .server(database)
        }
    }

    /// Refuses the database of an earlier Berth before its schema is changed.
    private static func checkIsFree(_ database: MySQLDatabase) async throws {
        guard let version = try? await database.schemaVersion(), (1..<Migrations.all.count).contains(version) else {
            return
        }
        let tables = try await SQLTable.all(at: version)
        guard try await StoreCopy(source: database, target: database, tables: tables).isEmpty() else {
            throw CopyError.targetIsInUse
        }
    }

    /// Whether a file can replace what is at this place without a loss.
    private static func isFree(_ place: FilePlace) async throws -> Bool {
        guard place.size > 0 else { return (place + "-wal").size == 0 }
        do {
            let database = try SQLiteFile(place).reading()
            _ = try await SQLiteIntegrityCheck(database: database).check()
            return try await StoreCopy(source: database, target: database).isEmpty()
        } catch {
            return false
        }
    }
}
