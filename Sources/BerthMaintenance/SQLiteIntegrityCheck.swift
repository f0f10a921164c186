import Berth
import SQL

/// Checks that a file is an intact database of Berth's.
struct SQLiteIntegrityCheck {
    let database: SQLiteDatabase

    /// Checks the whole database.
    ///
    /// - Returns: the version of its schema, which this program knows.
    /// - Throws: ``MaintenanceError``, as a sentence about "it".
    func check() async throws -> Int {
        do {
            try await checkIntegrity()
            let version = try await version()
            for table in try await SQLTable.all(at: version) { try await check(table) }
            try await checkInstance()
            return version
        } catch let error as SQLError {
            throw MaintenanceError("it cannot be read", error)
        }
    }

    private func checkIntegrity() async throws {
        let (fault, hasStrays) = try await database.read { connection in
            let fault = try connection.texts("PRAGMA integrity_check(1)").first
            return (fault, try connection.has("SELECT 1 FROM pragma_foreign_key_check LIMIT 1"))
        }
        guard fault == "ok" else { throw MaintenanceError("it is damaged: \(fault ?? "unknown reason")") }
        guard !hasStrays else {
            throw MaintenanceError("it is damaged: rows refer to rows that do not exist")
        }
    }

    private func version() async throws -> Int {
        guard try await kind(of: "schema_version") == "table" else {
            throw MaintenanceError("it is an SQLite database, but not Berth's")
        }
        let version = try await database.schemaVersion()
        guard version <= Migrations.all.count else {
            throw MaintenanceError("\(OpeningError.newerSchema(version, newestKnown: Migrations.all.count))")
        }
        guard version > 0 else { throw MaintenanceError("it is an SQLite database, but not Berth's") }
        return version
    }

    /// Rejects views, virtual tables and computed columns: reading one would run code of its author.
    private func check(_ table: SQLTable) async throws {
        let name = table.name
        let columns = try await database.read { connection in
            try connection.texts("SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0", [.text(name)])
        }
        guard try await kind(of: name) == "table", Set(table.columns).isSubset(of: columns) else {
            throw MaintenanceError("its table \(name) was not created by Berth")
        }
    }

    private func kind(of table: String) async throws -> String? {
        try await database.read { connection in
            let sql = "SELECT type FROM pragma_table_list WHERE schema = 'main' AND name = ?"
            return try connection.texts(sql, [.text(table)]).first
        }
    }

    private func checkInstance() async throws {
        let ids = try await database.read { try $0.texts("SELECT id FROM instance LIMIT 2") }
        guard ids.count == 1, isBase32(ids[0], count: 26) else {
            throw MaintenanceError("it does not contain exactly one server id")
        }
    }
}

extension SQLDatabase {
    /// The version of the schema; does not create a schema.
    func schemaVersion() async throws -> Int {
        try await read { try $0.integer("SELECT COALESCE(MAX(version), 0) FROM schema_version") }
    }
}

extension SQLTable {
    /// The tables as they were in an earlier schema.
    static func all(at version: Int) async throws -> [SQLTable] {
        let database = try SQLiteDatabase()
        try await Migrations.all.upTo(version).apply(to: database)
        return try await database.read { connection in
            try all.compactMap { table in
                let sql = "SELECT name FROM pragma_table_info(?)"
                let columns = try connection.texts(sql, [.text(table.name)])
                guard !columns.isEmpty else { return nil }
                let keyCount = try connection.texts("\(sql) WHERE pk > 0", [.text(table.name)]).count
                let present = table.columns.filter(columns.contains)
                return SQLTable(name: table.name, keyCount: keyCount, columns: present)
            }
        }
    }
}
