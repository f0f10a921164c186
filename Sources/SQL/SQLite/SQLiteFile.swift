import GRDB
import Glibc

/// A file of SQLite's as such, apart from the server that may be using it.
package struct SQLiteFile: Sendable {
    package let place: FilePlace

    package init(_ place: FilePlace) { self.place = place }

    /// Whether it begins as one.
    package var hasHeader: Bool {
        let file = open(place.path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 16)
        return read(file, &bytes, bytes.count) == bytes.count && bytes.elementsEqual("SQLite format 3\0".utf8)
    }

    /// Opened for reading alone; what its schema says is run is not trusted.
    package func reading() throws(SQLError) -> SQLiteDatabase {
        SQLiteDatabase(on: try opened(Self.reader))
    }

    /// A new one, for its owner alone, which is a file and nothing beside it; it is on disk after ``FilePlace/sync()``.
    package func building() throws -> SQLiteDatabase {
        try place.make()
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        // Whoever is killed meanwhile begins again.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF") }
        return SQLiteDatabase(on: try opened(configuration))
    }

    /// Writes all that it holds at this moment into the empty file at `copy`.
    ///
    /// Whoever writes meanwhile, in this process or another, goes on.
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

    /// Brings what its log holds into the file, which then is all of the database.
    ///
    /// - Returns: false when somebody else is reading it.
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
