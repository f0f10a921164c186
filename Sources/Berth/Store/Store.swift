/// What must outlive the process: apps, their releases, runs, hosts.
///
/// Methods are named by intent; each is one transaction.
///
/// - Throws: all of them, ``StoreError`` for what the database refuses.
package struct Store: Sendable {
    let database: any SQLDatabase
    /// Names this database, and so this server, in the labels of containers.
    package let instance: String

    /// Opens the database at `path`, makes it if there is none, and brings its schema up to date.
    ///
    /// - Throws: ``StoreRefusal`` when it is of a newer schema or no database at all.
    package static func sqlite(path: String) async throws -> Store {
        do {
            return try await Store(SQLiteDatabase(path: path))
        } catch StoreError.unavailable(let reason) {
            throw StoreRefusal.unreadable(reason)
        }
    }

    /// A store that is gone with this value.
    package static func inMemory() async throws -> Store { try await Store(SQLiteDatabase()) }

    private init(_ database: some SQLDatabase) async throws {
        try await Migrations.apply(to: database)
        self.database = database
        instance = try await Self.instance(of: database)
    }

    private static func instance(of database: some SQLDatabase) async throws -> String {
        try await database.write { connection in
            if let row = try connection.rows("SELECT id FROM instance", []).first { return try row.text(0) }
            var generator = SystemRandomNumberGenerator()
            let id = randomBase32(count: 26, using: &generator)
            try connection.run("INSERT INTO instance (id, created_at) VALUES (?, ?)", [.text(id), .time(.now())])
            return id
        }
    }

    /// Whether the database answers.
    package func check() async throws {
        _ = try await database.read { try $0.rows("SELECT id FROM instance", []) }
    }
}
