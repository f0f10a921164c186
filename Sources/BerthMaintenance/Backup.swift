import Glibc
import SQL

/// Copies an SQLite database into one file, even while a server uses it.
struct Backup: Sendable {
    private let database: FilePlace
    private let file: FilePlace
    /// Whether an existing file may be replaced.
    private let replaces: Bool

    init(of database: String, to file: String, replaces: Bool) {
        self.database = FilePlace(database)
        self.file = FilePlace(file)
        self.replaces = replaces
    }

    private var part: FilePlace { file + ".part" }

    /// Makes the copy, checks it, and moves it into place; until then, no file is there.
    ///
    /// - Returns: what the copy holds, and its size in bytes.
    /// - Throws: ``MaintenanceError``, `CancellationError`.
    func run() async throws -> (contents: StoreContents, bytes: Int) {
        if let obstacle = database.obstacle { throw MaintenanceError("\(obstacle).") }
        guard database.exists else { throw MaintenanceError("There is no database at \(database.path).") }
        try checkPlace()
        if replaces { part.remove() }
        guard !part.exists else {
            throw MaintenanceError(
                "\(part.path) exists: another backup is running, or was killed. If none is running, use --force to "
                    + "replace the file."
            )
        }
        try part.make()
        removeJournal()
        let made = part.status
        do {
            let contents = try await fill()
            // A concurrent backup with --force could have put its own file here.
            guard part.status?.st_ino == made?.st_ino else {
                throw MaintenanceError("\(part.path) was replaced by another backup that writes to the same file.")
            }
            let bytes = part.size
            try replaces ? part.move(to: file) : part.moveToFree(file)
            return (contents, bytes)
        } catch {
            if part.status?.st_ino == made?.st_ino {
                part.remove()
                removeJournal()
            }
            throw error
        }
    }

    /// Removes journals and logs.
    ///
    /// SQLite leaves one when it fails on a full disk, and would apply one that it finds to the copy.
    private func removeJournal() { for suffix in ["-journal", "-wal", "-shm"] { (part + suffix).remove() } }

    private func checkPlace() throws(MaintenanceError) {
        guard let status = file.status else { return try checkName() }
        guard status.st_mode & S_IFMT == S_IFREG else { throw MaintenanceError("\(file.path) is not a regular file.") }
        guard replaces else {
            throw MaintenanceError("\(file.path) already exists. Use another name, or --force to replace it.")
        }
        var source = stat()
        guard stat(database.path, &source) != 0 || source.st_ino != status.st_ino || source.st_dev != status.st_dev
        else { throw MaintenanceError("\(file.path) is the database itself.") }
        try checkName()
    }

    /// Rejects the names of the database's own files.
    private func checkName() throws(MaintenanceError) {
        let (here, there) = (FilePlace(file.directory + "/."), FilePlace(database.directory + "/."))
        guard here.status?.st_ino == there.status?.st_ino, here.status?.st_dev == there.status?.st_dev else { return }
        for suffix in ["", "-wal", "-shm", "-journal", ".lock"]
        where (database + suffix).name == file.name {
            throw MaintenanceError("\(file.path) is a file of the database itself.")
        }
    }

    private func fill() async throws -> StoreContents {
        do {
            try await SQLiteFile(database).copy(to: part)
            try part.sync()
            let copy = try SQLiteFile(part).reading()
            _ = try await SQLiteIntegrityCheck(database: copy).check()
            return try await StoreContents(of: copy)
        } catch let error as SQLError {
            throw MaintenanceError("\(database.path) could not be copied to \(part.path)", error)
        } catch let refusal as MaintenanceError {
            throw MaintenanceError("\(database.path) was copied, but the copy is not usable", refusal)
        }
    }
}
