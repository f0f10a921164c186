/// Applies one migration to a database that commits each schema change at once, so that a crash can leave it half done.
///
/// It resumes where it stopped: `schema_steps` records which statements were begun and which are done. A begun
/// statement may or may not have taken effect. It is therefore run again, and an "already exists" error then means that
/// it is done. Before a CREATE TABLE is begun, a check finds out whether another program owns a table of that name.
struct StepwiseMigration<Database: SQLDatabase> {
    let version: Int
    let steps: [Migrations.Step]
    let database: Database

    func apply() async throws {
        try await makeSteps()
        for (index, step) in steps.enumerated() {
            if case .sql(let statement) = step, Self.changesSchema(statement) {
                try await change(index, statement)
            } else {
                try await fill(index, step)
            }
        }
        let version = version
        try await database.write(within: Migrations.timeForOne) { connection in
            try connection.recordVersion(version)
            try connection.run("DELETE FROM schema_steps WHERE version = ?", [.integer(version)])
        }
    }

    private static func changesSchema(_ statement: String) -> Bool {
        let word = statement.prefix { $0.isLetter }.uppercased()
        return ["CREATE", "ALTER", "DROP", "RENAME"].contains(word)
    }

    /// The table name of a CREATE TABLE; nil for any other statement.
    static func newTable(of statement: String) -> String? {
        let words = statement.split { $0.isWhitespace || $0 == "(" }.prefix(3)
        return words.prefix(2).map { $0.uppercased() } == ["CREATE", "TABLE"] ? words.last.map(String.init) : nil
    }

    private func makeSteps() async throws {
        let options = database.tableOptions
        do {
            try await database.write(within: Migrations.timeForOne) { connection in
                try connection.run(
                    """
                    CREATE TABLE IF NOT EXISTS schema_steps (version BIGINT NOT NULL, step BIGINT NOT NULL,
                        is_done BIGINT NOT NULL, PRIMARY KEY (version, step))\(options)
                    """,
                    []
                )
                _ = try connection.rows("SELECT version, step, is_done FROM schema_steps", [])
            }
        } catch SQLError.schemaConflict {
            throw OpeningError.notOurs("schema_steps")
        }
    }

    private func change(_ step: Int, _ statement: String) async throws {
        guard try await begin(step, statement) else { return }
        let table = Self.newTable(of: statement)
        let statement = table == nil ? statement : statement + database.tableOptions
        do {
            try await database.write(within: Migrations.timeForOne) { try $0.run(statement, []) }
        } catch SQLError.schemaConflict {
            // An earlier attempt has done it.
        }
        let key: [SQLValue] = [.integer(version), .integer(step)]
        try await database.write(within: Migrations.timeForOne) { connection in
            try connection.run("UPDATE schema_steps SET is_done = 1 WHERE version = ? AND step = ?", key)
        }
    }

    /// Records that a statement is begun; false when it is already done.
    private func begin(_ step: Int, _ statement: String) async throws -> Bool {
        let key: [SQLValue] = [.integer(version), .integer(step)]
        let table = Self.newTable(of: statement)
        return try await database.write(within: Migrations.timeForOne) { connection in
            let sql = "SELECT is_done FROM schema_steps WHERE version = ? AND step = ?"
            if let row = try connection.rows(sql, key).first { return try row.integer("is_done") == 0 }
            if let table, try connection.hasTable(table) { throw OpeningError.notOurs(table) }
            try connection.run("INSERT INTO schema_steps (version, step, is_done) VALUES (?, ?, 0)", key)
            return true
        }
    }

    /// Changes rows, and records in the same transaction that the step is done.
    private func fill(_ number: Int, _ step: Migrations.Step) async throws {
        let key: [SQLValue] = [.integer(version), .integer(number)]
        try await database.write(within: Migrations.timeForOne) { connection in
            let sql = "SELECT is_done FROM schema_steps WHERE version = ? AND step = ?"
            guard try !connection.has(sql, key) else { return }
            try step.run(on: connection)
            try connection.run("INSERT INTO schema_steps (version, step, is_done) VALUES (?, ?, 1)", key)
        }
    }
}

extension SQLConnection {
    fileprivate func hasTable(_ table: String) throws(SQLError) -> Bool {
        let sql = """
            SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?
            """
        return try has(sql, [.text(table)])
    }
}
