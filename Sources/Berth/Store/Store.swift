package import Logging
package import SQL

/// The state that must outlive the process: apps, their releases, runs, hosts.
///
/// Each method is one transaction.
///
/// - Throws: all methods throw ``SQLError`` for a failure of the database.
package struct Store: Sendable {
    package let database: MeasuredDatabase
    /// The id of this database, and so of this server, in the labels of containers.
    package let instance: String

    /// Opens the database at `url`, creates an SQLite file if there is none, and migrates the schema.
    ///
    /// No other server can open the database while this value exists.
    ///
    /// - Parameter identity: the server's own, in case the database is new or was lost; nil makes a new one.
    /// - Throws: ``OpeningError`` when its schema is too new, another server uses it, or it cannot be opened.
    package static func open(
        _ url: DatabaseURL,
        identity: String? = nil,
        instruments: Instruments = .none,
        logger: Logger
    ) async throws -> Store {
        switch url {
        case .sqlite(let path):
            let database = try SQLiteDatabase(path: path)
            for warning in database.warnings { logger.warning("\(warning)") }
            return try await Store(database, identity: identity, instruments: instruments)
        case .mysql(let address):
            let database = try await MySQLDatabase(address)
            for warning in database.warnings { logger.warning("\(warning)") }
            return try await Store(database, identity: identity, instruments: instruments)
        }
    }

    /// A store in memory, which is lost with this value.
    package static func inMemory(instruments: Instruments = .none) async throws -> Store {
        try await Store(SQLiteDatabase(), instruments: instruments)
    }

    /// Migrates the schema of an open database.
    package init(
        _ database: some SQLDatabase,
        identity: String? = nil,
        instruments: Instruments = .none
    ) async throws {
        do {
            try await Migrations.all.apply(to: database)
            instance = try await Self.instance(of: database, identity: identity)
        } catch let error as SQLError {
            throw OpeningError.unreadable(error.description)
        }
        self.database = MeasuredDatabase(base: database, instruments: instruments)
    }

    private static func instance(of database: some SQLDatabase, identity: String?) async throws -> String {
        // A longer limit: the server does not respond to requests yet.
        try await database.write(within: .seconds(30)) { connection in
            if let id = try connection.texts("SELECT id FROM instance").first { return id }
            guard try SQLTable.all.allSatisfy({ try $0.isEmpty(in: connection) }) else {
                throw OpeningError.unfinishedCopy
            }
            let id = identity ?? randomBase32(count: 26)
            try connection.insert(into: .instance, [("id", .text(id)), ("created_at", .time(.now()))])
            return id
        }
    }

    /// Counts this start of the server.
    ///
    /// - Returns: the number of starts, including this one.
    func countStart() async throws -> Int64 {
        try await database.writeEvenIfFull { connection in
            try connection.run("UPDATE instance SET starts = starts + 1", [])
            return Int64(try connection.integer("SELECT starts FROM instance"))
        }
    }

    /// The load of the database.
    package var load: StoreLoad { database.load }

    /// Checks that the database responds.
    package func check() async throws {
        _ = try await database.read { try $0.rows("SELECT id FROM instance", []) }
    }

    /// Checks that the database accepts changes.
    ///
    /// A full disk is not an error here: deletions, which free room, still work.
    package func checkWriting() async throws {
        do {
            // SQLite writes the row even if it stays the same. MySQL writes nothing, but fails if it would reject a
            // write.
            try await database.write { try $0.run("UPDATE instance SET starts = starts", []) }
        } catch SQLError.full {
        }
    }
}
