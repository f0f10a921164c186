import Berth
import Glibc
import SQL

/// Restores a backup: copies its rows into a new database, which then replaces the present one.
///
/// The file is not trusted. It is copied to where no one else can change it and opened read-only, and only its rows are
/// taken over.
struct Restoration: Sendable {
    private let file: FilePlace
    private let replacement: DatabaseReplacement
    private let lock: FileLock

    /// Takes the lock of the database at `path`.
    ///
    /// - Throws: `OpeningError` when a server uses it.
    init(from file: String, to path: String) throws {
        self.file = FilePlace(file)
        replacement = DatabaseReplacement(of: path)
        if let obstacle = replacement.place.obstacle { throw MaintenanceError("\(obstacle).") }
        lock = try FileLock(path: path + ".lock", guarding: path)
    }

    /// What a restored database holds, its server id, and the path of the previous database.
    struct Outcome: Sendable {
        let contents: StoreContents
        let instance: String
        let kept: String?
    }

    /// Makes the new database and replaces the present one with it.
    func replaceDatabase(at now: Timestamp) async throws -> Outcome {
        try replacement.begin()
        defer { replacement.discard() }
        let (contents, instance) = try await build()
        try Task.checkCancellation()
        let aside = replacement.place + ".before-restore-\(now.inFileName)"
        let isKept = try replacement.putInPlace(keepingPresentAt: aside)
        return Outcome(contents: contents, instance: instance, kept: isKept ? aside.path : nil)
    }

    /// Makes the new database, for a move to another place.
    ///
    /// - Returns: the database, which ``end()`` removes.
    func stage() async throws -> SQLiteDatabase {
        try replacement.begin()
        _ = try await build()
        return try SQLiteFile(replacement.fresh).reading()
    }

    func end() { replacement.discard() }

    private func build() async throws -> (StoreContents, instance: String) {
        try takeCopy()
        do {
            let given = try SQLiteFile(replacement.given).reading()
            let version = try await SQLiteIntegrityCheck(database: given).check()
            let fresh = try SQLiteFile(replacement.fresh).building()
            try await Migrations.all.upTo(version).apply(to: fresh)
            let tables = try await SQLTable.all(at: version)
            try await StoreCopy(source: given, target: fresh, tables: tables).run { _ in }
            let store = try await Store(fresh)
            try await StoreValidator(store: store).validate()
            FaultPoint.afterRestoreBuild.reach()
            return (try await StoreContents(of: fresh), store.instance)
        } catch is CancellationError {
            throw CancellationError()
        } catch CopyError.differs(let table) {
            throw MaintenanceError(
                "\(file.path) cannot be restored: its table \(table) has values that Berth does not write"
            )
        } catch {
            throw MaintenanceError("\(file.path) cannot be restored", error)
        }
    }

    /// Rejects links, devices, and a database whose log lies beside it.
    private func takeCopy() throws {
        let opened = open(file.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard opened >= 0 else {
            guard errno != ELOOP else {
                throw MaintenanceError("\(file.path) is a symbolic link. Use the path of the file itself.")
            }
            throw file.failure("cannot be read")
        }
        defer { close(opened) }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw MaintenanceError("\(file.path) is not a regular file.")
        }
        guard status.st_size > 0 else { throw MaintenanceError("\(file.path) is empty.") }
        for suffix in ["-wal", "-journal"] where (file + suffix).size > 0 {
            throw MaintenanceError(
                "\(file.path) is a database in use, and \(file.path + suffix) has a part of its data. Create a backup "
                    + "with berth backup --database sqlite:\(file.path), and restore that."
            )
        }
        try replacement.given.fill(from: opened)
    }
}

extension Timestamp {
    fileprivate var inFileName: String { description.filter { $0.isLetter || $0.isNumber } }
}
