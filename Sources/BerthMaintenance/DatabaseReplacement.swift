import Berth
import Glibc
import SQL

/// A database file that is built beside its final place and moved there when it is complete.
///
/// The caller must hold the lock of the place.
struct DatabaseReplacement: Sendable {
    let place: FilePlace

    init(of path: String) { place = FilePlace(path) }

    private var directory: FilePlace { place + ".replacement" }
    /// A private copy of the file that the user gave.
    var given: FilePlace { directory + "/given.db" }
    /// The new database, before it is moved into place.
    var fresh: FilePlace { directory + "/fresh.db" }

    /// Removes the remains of an interrupted attempt and creates the directory.
    func begin() throws {
        discard()
        guard mkdir(directory.path, 0o700) == 0 else { throw directory.failure("cannot be created") }
    }

    /// Removes the working files; leaves the database that is in place.
    func discard() {
        for file in [given, fresh] {
            for suffix in ["", "-wal", "-shm", "-journal"] { (file + suffix).remove() }
        }
        rmdir(directory.path)
    }

    /// Moves the new database into place, after copying the present one, if there is one, to `aside`.
    ///
    /// At any moment, one of the two is in place and complete. A present database that is too damaged for SQLite is
    /// kept unchanged, with its log.
    ///
    /// - Returns: whether there was a present database.
    func putInPlace(keepingPresentAt aside: FilePlace) throws -> Bool {
        try fresh.sync()
        let isKept = try keep(at: aside)
        FaultPoint.afterRestoreKeep.reach()
        try swap()
        return isKept
    }

    /// Moves the new database to a place where there is no database, or one that holds nothing.
    func putInEmptyPlace() throws {
        try fresh.sync()
        try swap()
        discard()
    }

    private func swap() throws {
        // SQLite would apply another database's log to this one.
        for suffix in ["-wal", "-shm", "-journal"] { (place + suffix).remove() }
        try place.syncDirectory()
        FaultPoint.beforeRestoreSwap.reach()
        try fresh.move(to: place)
        FaultPoint.afterRestoreSwap.reach()
    }

    private func keep(at aside: FilePlace) throws -> Bool {
        guard place.exists else { return false }
        // SQLite deletes the log of a file that is not a database. Any other file that it cannot open is still kept
        // with its log.
        if SQLiteFile(place).hasHeader, let isAlone = try? SQLiteFile(place).mergeLog(), !isAlone {
            throw MaintenanceError("\(place.path) is in use by another program. Stop that program, then try again.")
        }
        for suffix in ["-wal", "-journal"] where (place + suffix).size > 0 {
            try (place + suffix).copy(to: aside + suffix)
        }
        try place.copy(to: aside)
        return true
    }
}

extension FilePlace {
    /// Makes a complete copy at a path that does not exist yet; the copy is on disk on return.
    fileprivate func copy(to copy: FilePlace) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure("cannot be read") }
        defer { close(file) }
        let part = copy + ".part"
        part.remove()
        do {
            try part.fill(from: file)
            try part.moveToFree(copy)
        } catch {
            part.remove()
            throw error
        }
    }
}
