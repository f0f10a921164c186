import FoundationEssentials

/// A schema, step by step; its versions are numbered from 1.
///
/// One list serves every database: it uses only types, defaults and functions that all of them know.
package struct Migrations: Sendable {
    package enum Step: Sendable, ExpressibleByStringLiteral {
        case sql(String)
        /// Replaces each text in a column, except NULL.
        case rewrite(
            table: String,
            key: [String],
            column: String,
            _ text: @Sendable (String) throws -> String
        )

        package init(stringLiteral sql: String) { self = .sql(sql) }

        func run(on connection: any SQLConnection) throws {
            switch self {
            case .sql(let sql): try connection.run(sql, [])
            case .rewrite(let table, let key, let column, let text):
                let keys = key.joined(separator: ", ")
                let isRow = key.map { "\($0) = ?" }.joined(separator: " AND ")
                for row in try connection.rows(
                    "SELECT \(column), \(keys) FROM \(table) WHERE \(column) IS NOT NULL",
                    []
                ) {
                    guard let new = try? text(row.text(column)) else {
                        throw SQLError.damaged("\(column) of \(table) cannot be read")
                    }
                    let values = [SQLValue.text(new)] + row.values.dropFirst()
                    try connection.run("UPDATE \(table) SET \(column) = ? WHERE \(isRow)", values)
                }
            }
        }
    }

    private let steps: [[Step]]

    /// - Parameter steps: one array of steps per version.
    package init(_ steps: [[Step]]) { self.steps = steps }

    /// The newest version.
    package var count: Int { steps.count }

    /// The migrations up to and including this version.
    package func upTo(_ version: Int) -> Migrations { Migrations(Array(steps.prefix(version))) }

    /// Migrates the database to the newest schema.
    ///
    /// - Throws: ``OpeningError`` when the schema is newer than this program, or not Berth's.
    package func apply(to database: some SQLDatabase) async throws {
        let version = try await Self.version(of: database)
        guard version <= count else { throw OpeningError.newerSchema(version, newestKnown: count) }
        for (index, steps) in steps.enumerated().dropFirst(version) {
            if database.undoesSchemaChanges {
                try await database.write(within: Self.timeForOne) { connection in
                    for step in steps { try step.run(on: connection) }
                    try connection.recordVersion(index + 1)
                }
            } else {
                try await StepwiseMigration(version: index + 1, steps: steps, database: database).apply()
            }
        }
    }

    static let timeForOne: Duration = .seconds(600)

    private static func version(of database: some SQLDatabase) async throws -> Int {
        let options = database.tableOptions
        do {
            try await database.write(within: timeForOne) { connection in
                try connection.run(
                    """
                    CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY,
                        applied_at BIGINT NOT NULL)\(options)
                    """,
                    []
                )
            }
            return try await database.read(within: timeForOne) { connection in
                // Reads both columns, so that a table of another program is noticed.
                try connection.rows(
                    "SELECT COALESCE(MAX(version), 0) AS version, MAX(applied_at) AS applied_at FROM schema_version",
                    []
                )[0].integer("version")
            }
        } catch SQLError.schemaConflict {
            throw OpeningError.notOurs("schema_version")
        }
    }
}

extension SQLConnection {
    /// Records this version as the schema's current one.
    func recordVersion(_ version: Int) throws(SQLError) {
        try run(
            "INSERT INTO schema_version (version, applied_at) VALUES (?, ?)",
            [.integer(version), .integer(Int(Date().timeIntervalSince1970 * 1000))]
        )
    }
}
