/// The schema, step by step.
///
/// Numbered from 1 and append-only: what has been released is never changed.
///
/// One list for every database: no type, default or function that only one of them knows. Times are milliseconds since
/// 1970 in UTC.
enum Migrations {
    enum Step: Sendable, ExpressibleByStringLiteral {
        case sql(String)
        /// Replaces each text in a column that is not null.
        case rewrite(
            table: String,
            key: [String],
            column: String,
            _ text: @Sendable (String) throws -> String
        )

        init(stringLiteral sql: String) { self = .sql(sql) }

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
                    guard let new = try? text(row.text(0)) else {
                        throw StoreError.damaged("\(column) of \(table) cannot be read")
                    }
                    let values = [SQLValue.text(new)] + row.values.dropFirst()
                    try connection.run("UPDATE \(table) SET \(column) = ? WHERE \(isRow)", values)
                }
            }
        }
    }

    static let all: [[Step]] = [first, second, third, fourth]

    private static let first: [Step] = [
        // One row: who this server is. Its id labels the containers.
        """
        CREATE TABLE instance (
            id VARCHAR(32) NOT NULL PRIMARY KEY,
            created_at BIGINT NOT NULL
        )
        """,
        """
        CREATE TABLE hosts (
            name VARCHAR(40) NOT NULL PRIMARY KEY,
            endpoint VARCHAR(1024) NOT NULL,
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL
        )
        """,
        """
        CREATE TABLE apps (
            name VARCHAR(40) NOT NULL PRIMARY KEY,
            current_release BIGINT NOT NULL CHECK (current_release > 0),
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL
        )
        """,
        // Rows are added and, with their app, deleted; none is ever changed.
        """
        CREATE TABLE releases (
            app VARCHAR(40) NOT NULL,
            number BIGINT NOT NULL CHECK (number > 0),
            settings LONGTEXT NOT NULL,
            created_at BIGINT NOT NULL,
            PRIMARY KEY (app, number),
            FOREIGN KEY (app) REFERENCES apps (name)
        )
        """,
        """
        CREATE TABLE runs (
            id VARCHAR(32) NOT NULL PRIMARY KEY,
            name VARCHAR(64) NOT NULL UNIQUE,
            app VARCHAR(40) NOT NULL,
            release_number BIGINT NOT NULL,
            host VARCHAR(40) NOT NULL,
            image VARCHAR(512) NOT NULL,
            state VARCHAR(16) NOT NULL CHECK (state IN ('pending', 'pulling', 'starting', 'running', 'paused',
                'restarting', 'exited', 'failed', 'lost', 'removed')),
            container_id VARCHAR(64) UNIQUE,
            exit_code BIGINT,
            reason LONGTEXT,
            out_of_memory BIGINT NOT NULL CHECK (out_of_memory IN (0, 1)),
            created_at BIGINT NOT NULL,
            started_at BIGINT,
            finished_at BIGINT,
            FOREIGN KEY (app, release_number) REFERENCES releases (app, number)
        )
        """,
        "CREATE INDEX runs_by_app ON runs (app, release_number)",
    ]

    private static let second: [Step] = [
        // Requests by the keys that their clients gave them; the answer is null until there was one.
        """
        CREATE TABLE idempotency_keys (
            idempotency_key VARCHAR(255) NOT NULL PRIMARY KEY,
            fingerprint VARCHAR(64) NOT NULL,
            operation VARCHAR(32) NOT NULL UNIQUE,
            created_at BIGINT NOT NULL,
            answer LONGTEXT
        )
        """,
        "CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)",
        // Who made a release, how it came to be, by which request.
        "ALTER TABLE releases ADD COLUMN created_by VARCHAR(255)",
        "ALTER TABLE releases ADD COLUMN origin VARCHAR(16)",
        "ALTER TABLE releases ADD COLUMN restored BIGINT",
        "ALTER TABLE releases ADD COLUMN operation VARCHAR(32)",
        "CREATE UNIQUE INDEX releases_by_operation ON releases (operation)",
        // What a run has otherwise than its release, and what its container turned out to be.
        "ALTER TABLE runs ADD COLUMN command LONGTEXT",
        "ALTER TABLE runs ADD COLUMN overrides LONGTEXT",
        "ALTER TABLE runs ADD COLUMN stop_timeout BIGINT",
        "ALTER TABLE runs ADD COLUMN max_runtime BIGINT",
        "ALTER TABLE runs ADD COLUMN is_promised BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN image_id VARCHAR(128)",
        "ALTER TABLE runs ADD COLUMN ports LONGTEXT",
        // One run for each part of a request.
        "ALTER TABLE runs ADD COLUMN operation VARCHAR(32)",
        "ALTER TABLE runs ADD COLUMN item BIGINT",
        "CREATE UNIQUE INDEX runs_by_operation ON runs (operation, item)",
        "CREATE INDEX runs_by_age ON runs (created_at, id)",
    ]

    private static let third: [Step] = [
        // How often the server has been started, so that no two processes number what they tell alike.
        "ALTER TABLE instance ADD COLUMN starts BIGINT NOT NULL DEFAULT 0"
    ]

    /// Brings the database to the newest schema.
    ///
    /// - Throws: ``StoreOpeningError`` when the schema is newer than this program, or not Berth's.
    static func apply(to database: some SQLDatabase, _ all: [[Step]] = all) async throws {
        let version = try await version(of: database)
        guard version <= all.count else { throw StoreOpeningError.newerSchema(version, newestKnown: all.count) }
        for (index, steps) in all.enumerated().dropFirst(version) {
            if database.undoesSchemaChanges {
                try await database.write(within: timeForOne) { connection in
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
                try connection.rows("SELECT COALESCE(MAX(version), 0), MAX(applied_at) FROM schema_version", [])[0]
                    .integer(0)
            }
        } catch StoreError.schemaConflict {
            throw StoreOpeningError.notOurs("schema_version")
        }
    }
}

extension SQLConnection {
    /// Records that the schema is this one from now on.
    func recordVersion(_ version: Int) throws(StoreError) {
        try run(
            "INSERT INTO schema_version (version, applied_at) VALUES (?, ?)",
            [.integer(version), .time(.now())]
        )
    }
}

/// Why the server does not start on this database, as a line for the one who starts it.
package enum StoreOpeningError: Error, Sendable, Equatable, CustomStringConvertible {
    case newerSchema(Int, newestKnown: Int)
    case inUse(String)
    /// A table of this name is there already, and Berth has not made it.
    case notOurs(String)
    case unreadable(String)
    /// It holds records and not the id that a copy is given last.
    case unfinishedCopy

    package var description: String {
        switch self {
        case .newerSchema(let version, let known):
            "The database has schema \(version), and this berth knows up to \(known). Start the newer berth that made it."
        case .inUse(let subject):
            "Another berth uses \(subject). Stop it first, or give this one another."
        case .notOurs(let table):
            "The database has a table \(table) that is not Berth's. Give Berth a database of its own."
        case .unreadable(let reason):
            "The database cannot be opened: \(reason)"
        case .unfinishedCopy:
            "The database holds part of a copy that did not end. Run berth migrate or restore again, which empties it first."
        }
    }
}
