import GRDB
import Glibc

/// An SQLite file as such, independent of a server that may be using it.
package struct SQLiteFile: Sendable {
    package let place: FilePlace

    package init(_ place: FilePlace) { self.place = place }

    /// Whether the file begins with the header of an SQLite database.
    package var hasHeader: Bool {
        let file = open(place.path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 16)
        return read(file, &bytes, bytes.count) == bytes.count && bytes.elementsEqual("SQLite format 3\0".utf8)
    }

    /// Opens the file read-only; code in its schema is not trusted.
    package func reading() throws(SQLError) -> SQLiteDatabase {
        SQLiteDatabase(on: try opened(Self.reader))
    }

    /// Creates a database, readable for its owner alone, as a single file; it is on disk after ``FilePlace/sync()``.
    package func building() throws -> SQLiteDatabase {
        try place.make()
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        // Losing the file in a crash is harmless: an interrupted build starts again.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF") }
        return SQLiteDatabase(on: try opened(configuration))
    }

    /// Writes everything that the database holds at this moment into the empty file at `copy`.
    ///
    /// Writers in this process and in others continue meanwhile.
    package func copy(to copy: FilePlace) async throws {
        let queue = try opened(Self.reader)
        do {
            try await queue.writeWithoutTransaction { database in
                try database.execute(sql: "VACUUM INTO ?", arguments: [copy.path])
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw SQLError(sqlite: error)
        }
    }

    /// Merges the write-ahead log into the file, which then is the complete database.
    ///
    /// - Returns: false when another connection is reading the database.
    package func mergeLog() throws(SQLError) -> Bool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(2)
        let queue = try opened(configuration)
        do {
            let isBusy = try queue.inDatabase { database in
                try Int.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)") != 0
            }
            try queue.close()
            return !isBusy
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            return false
        } catch {
            throw SQLError(sqlite: error)
        }
    }

    private func opened(_ configuration: Configuration) throws(SQLError) -> DatabaseQueue {
        do {
            return try DatabaseQueue(path: place.path, configuration: configuration)
        } catch {
            throw SQLError(sqlite: error)
        }
    }

    private static var reader: Configuration {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase {
            try $0.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
        }
        return configuration
    }
}
