/// Whether a file is a database of Berth's, and whole.
struct SQLiteIntegrityCheck {
    let database: SQLiteDatabase

    private var timeout: Duration { .seconds(600) }

    /// Looks at all of it.
    ///
    /// - Returns: the version of its schema, which this program knows.
    /// - Throws: ``MaintenanceError``, as a sentence about "it".
    func check() async throws -> Int {
        do {
            try await checkIntegrity()
            let version = try await version()
            for table in try await StoredTable.all(at: version) { try await check(table) }
            try await checkInstance()
            return version
        } catch let error as StoreError {
            throw MaintenanceError("it cannot be read", error)
        }
    }

    private func checkIntegrity() async throws {
        let (fault, strays) = try await database.read { connection in
            let fault = try connection.rows("PRAGMA integrity_check(1)", []).first?.text(0)
            return (fault, try connection.rows("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1", []))
        }
        guard fault == "ok" else { throw MaintenanceError("it is damaged: \(fault ?? "nobody knows how")") }
        guard strays.isEmpty else {
            throw MaintenanceError("it is damaged: rows belong to others that are not there")
        }
    }

    private func version() async throws -> Int {
        guard try await kind(of: "schema_version") == "table" else {
            throw MaintenanceError("it is an SQLite database, but not Berth's")
        }
        let version = try await database.schemaVersion()
        guard version <= Migrations.all.count else {
            throw MaintenanceError("\(StoreOpeningError.newerSchema(version, newestKnown: Migrations.all.count))")
        }
        guard version > 0 else { throw MaintenanceError("it is an SQLite database, but not Berth's") }
        return version
    }

    /// A view or a virtual table would run what its maker wants when it is read, and so would a computed column.
    private func check(_ table: StoredTable) async throws {
        let name = table.name
        let columns = try await database.read { connection in
            try connection.rows("SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0", [.text(name)])
                .map { try $0.text(0) }
        }
        guard try await kind(of: name) == "table", Set(table.columns).isSubset(of: columns) else {
            throw MaintenanceError("its \(name) is not the table that Berth makes")
        }
    }

    private func kind(of table: String) async throws -> String? {
        try await database.read { connection in
            let sql = "SELECT type FROM pragma_table_list WHERE schema = 'main' AND name = ?"
            return try connection.rows(sql, [.text(table)]).first?.text(0)
        }
    }

    private func checkInstance() async throws {
        let ids = try await database.read { try $0.rows("SELECT id FROM instance LIMIT 2", []).map { try $0.text(0) } }
        guard ids.count == 1, isBase32(ids[0], count: 26) else {
            throw MaintenanceError("it does not hold the one id of a server")
        }
    }
}

extension SQLDatabase {
    /// The version of the schema, read without making one.
    func schemaVersion() async throws -> Int {
        try await read { try $0.rows("SELECT COALESCE(MAX(version), 0) FROM schema_version", [])[0].integer(0) }
    }
}

extension StoredTable {
    /// The tables as they were in an earlier schema.
    static func all(at version: Int) async throws -> [StoredTable] {
        let database = try SQLiteDatabase()
        try await Migrations.apply(to: database, Array(Migrations.all.prefix(version)))
        return try await database.read { connection in
            try all.compactMap { table in
                let columns = try connection.rows("SELECT name FROM pragma_table_info(?)", [.text(table.name)])
                    .map { try $0.text(0) }
                guard !columns.isEmpty else { return nil }
                let present = table.columns.filter(columns.contains)
                return StoredTable(name: table.name, keyCount: table.keyCount, columns: present)
            }
        }
    }
}
