package import Logging
package import SQL

/// What must outlive the process: apps, their releases, runs, hosts.
///
/// Methods are named by intent; each is one transaction.
///
/// - Throws: all of them, ``SQLError`` for what the database refuses.
package struct Store: Sendable {
    package let database: MeasuredDatabase
    /// Names this database, and so this server, in the labels of containers.
    package let instance: String

    /// Opens the database at `url`, makes an SQLite file if there is none, and brings its schema up to date.
    ///
    /// As long as this value is there, no other server can open it.
    ///
    /// - Parameter identity: the server's own, in case that the database is new or was lost; a fresh one where nil.
    /// - Throws: ``OpeningError`` when it is of a newer schema, another server's, or cannot be opened.
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
            return try await opened(database, identity: identity, instruments: instruments)
        case .mysql(let address):
            let database = try await MySQLDatabase(address)
            for warning in database.warnings { logger.warning("\(warning)") }
            return try await opened(database, identity: identity, instruments: instruments)
        }
    }

    /// A store that is gone with this value.
    package static func inMemory(instruments: Instruments = .none) async throws -> Store {
        try await opened(SQLiteDatabase(), instruments: instruments)
    }

    package static func opened(
        _ database: some SQLDatabase,
        identity: String? = nil,
        instruments: Instruments = .none
    ) async throws -> Store {
        do {
            return try await Store(database, identity: identity, instruments: instruments)
        } catch let error as SQLError {
            throw OpeningError.unreadable(error.description)
        }
    }

    init(_ database: some SQLDatabase, identity: String? = nil, instruments: Instruments = .none) async throws {
        try await Migrations.all.apply(to: database)
        self.database = MeasuredDatabase(base: database, instruments: instruments)
        instance = try await Self.instance(of: database, identity: identity)
    }

    private static func instance(of database: some SQLDatabase, identity: String?) async throws -> String {
        // Nobody waits for an answer yet.
        try await database.write(within: .seconds(30)) { connection in
            if let id = try connection.texts("SELECT id FROM instance").first { return id }
            guard try SQLTable.all.allSatisfy({ try $0.isEmpty(in: connection) }) else {
                throw OpeningError.unfinishedCopy
            }
            var generator = SystemRandomNumberGenerator()
            let id = identity ?? randomBase32(count: 26, using: &generator)
            try connection.insert(into: .instance, [.init("id", .text(id)), .init("created_at", .time(.now()))])
            return id
        }
    }

    /// Counts this start of the server.
    ///
    /// - Returns: how many there have been, this one included.
    func countStart() async throws -> Int64 {
        try await database.writeEvenIfFull { connection in
            try connection.run("UPDATE instance SET starts = starts + 1", [])
            return Int64(try connection.integer("SELECT starts FROM instance"))
        }
    }

    /// How much the database has to do.
    package var load: StoreLoad { database.load }

    /// Whether the database answers.
    package func check() async throws {
        _ = try await database.read { try $0.rows("SELECT id FROM instance", []) }
    }

    /// Whether it takes changes.
    ///
    /// A full disk is no reason against: what makes room is done.
    package func checkWriting() async throws {
        do {
            // SQLite writes a row that stays as it is; MySQL writes nothing, and refuses what it would not write.
            try await database.write { try $0.run("UPDATE instance SET starts = starts", []) }
        } catch SQLError.full {
        }
    }
}
