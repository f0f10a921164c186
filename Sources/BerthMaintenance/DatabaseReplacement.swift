import Berth
import Glibc
import SQL

/// A database file that is made beside its place, and put there when it is whole.
///
/// Whoever uses this holds the lock of the place.
struct DatabaseReplacement: Sendable {
    let place: FilePlace

    init(of path: String) { place = FilePlace(path) }

    private var directory: FilePlace { place + ".replacement" }
    /// A private copy of what somebody gave.
    var given: FilePlace { directory + "/given.db" }
    /// What is to be put in place.
    var fresh: FilePlace { directory + "/fresh.db" }

    /// Clears what a killed attempt has left, and makes room.
    func begin() throws {
        discard()
        guard mkdir(directory.path, 0o700) == 0 else { throw directory.failure("cannot be made") }
    }

    /// Takes away all but what is in place.
    func discard() {
        for file in [given, fresh] {
            for suffix in ["", "-wal", "-shm", "-journal"] { (file + suffix).remove() }
        }
        rmdir(directory.path)
    }

    /// Puts the fresh database in place, after a copy of the present one was made at `aside` if there is one.
    ///
    /// At any moment there is one or the other at the place, and whole. A present one that is too damaged for SQLite is
    /// kept with its log as it is.
    ///
    /// - Returns: whether there was one.
    func putInPlace(keepingPresentAt aside: FilePlace) throws -> Bool {
        try fresh.sync()
        let isKept = try keep(at: aside)
        FaultPoint.afterRestoreKeep.reach()
        try swap()
        return isKept
    }

    /// Puts the fresh database where there is none, or one that holds nothing.
    func putInEmptyPlace() throws {
        try fresh.sync()
        try swap()
        discard()
    }

    private func swap() throws {
        // A log that is not this database's would be read into it.
        for suffix in ["-wal", "-shm", "-journal"] { (place + suffix).remove() }
        try place.syncDirectory()
        FaultPoint.beforeRestoreSwap.reach()
        try fresh.move(to: place)
        FaultPoint.afterRestoreSwap.reach()
    }

    private func keep(at aside: FilePlace) throws -> Bool {
        guard place.exists else { return false }
        // SQLite deletes the log of what is no database. What else it cannot open is kept with its log all the same.
        if SQLiteFile(place).hasHeader, let isAlone = try? SQLiteFile(place).mergeLog(), !isAlone {
            throw MaintenanceError("\(place.path) is being read by another program. End it, then try again.")
        }
        for suffix in ["-wal", "-journal"] where (place + suffix).size > 0 {
            try (place + suffix).copy(to: aside + suffix)
        }
        try place.copy(to: aside)
        return true
    }
}

extension FilePlace {
    /// Makes a whole copy at a place where nothing is yet, which is on disk then.
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
