import JSON
import Testing

@testable import Berth
@testable import SQL

/// Global settings of a database server, and the settings that Berth relies on.
@Suite(.serialized) struct MySQLSettingsTests {
    private static let settings = [
        "innodb_default_row_format = compact", "default_storage_engine = MyISAM", "character_set_server = latin1",
        "innodb_force_primary_key = 1", "alter_algorithm = 'INSTANT'", "sql_mode = 'ORACLE'", "autocommit = 0",
        "sql_safe_updates = 1", "sql_select_limit = 1", "max_join_size = 1", "sql_auto_is_null = 1",
        "completion_type = 'RELEASE'", "tx_isolation = 'READ-UNCOMMITTED'", "max_statement_time = 0.001",
        "foreign_key_checks = 0", "unique_checks = 0", "check_constraint_checks = 0", "sql_if_exists = 1",
        "lc_messages = 'de_DE'", "time_zone = '+05:00'", "max_sort_length = 64", "div_precision_increment = 0",
        "init_connect = 'SET sql_mode = ANSI, sql_select_limit = 1, sql_safe_updates = 1'", "tx_read_only = 1",
    ]

    @Test func `Berth starts twice under any server settings, and lists all stored apps`() async throws {
        try await PrivateMariaDB.with(options: ["--skip-character-set-client-handshake"]) { database in
            try await database.execute(Self.settings.map { "SET GLOBAL \($0)" }.joined(separator: "; "))
            let names = (0..<3).map { _ in freshName("app") }
            let value: JSONValue = ["A": "wörd ✓"]
            for isFirst in [true, false] {
                try await BerthProcess.with(hosts: ["none=unix:///run/no.sock"], database: database.address) { server in
                    let http = server.client
                    if isFirst {
                        for name in names { try await http.define(name) }
                        #expect(try await http.patch("/v1/apps/\(names[0])", ["variables": value]).status == 200)
                        #expect(try await http.delete("/apps/\(names[1])").status == 204)
                    }
                    #expect(try await http.get("/readyz").status == 200)
                    let apps = try await http.get("/apps").json.elements.compactMap { $0["name"].string }
                    #expect(Set(apps) == [names[0], names[2]])
                    #expect(try await http.get("/v1/apps/\(names[0])")["variables"] == value)
                }
            }
            let formats = try await database.execute(
                """
                SET SESSION sql_big_selects = 1, sql_select_limit = 100, max_statement_time = 0;
                SELECT DISTINCT engine, row_format, table_collation FROM information_schema.tables
                WHERE table_schema = '\(PrivateMariaDB.database)'
                """
            )
            #expect(formats == ["InnoDB\tDynamic\tutf8mb4_nopad_bin"])
        }
    }

    @Test func `A user that is limited to three sessions waits until one is free`() async throws {
        try await PrivateMariaDB.with { server in
            try await server.execute("ALTER USER berth WITH MAX_USER_CONNECTIONS 3")
            let store = try await server.open()
            try await store.addMarks()
            let limit: Duration = .seconds(8)
            for _ in 0..<3 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<60 { group.addTask { try await store.read(within: limit) } }
                    for _ in 0..<10 { group.addTask { try await store.markOne(within: limit) } }
                    try await group.waitForAll()
                }
                // A session that is opened again may find the former one still counted.
                try await server.killConnections()
            }
            #expect(try await store.marks().count == 30)
            #expect(try await server.connections().count <= 3)
        }
    }
}

extension Store {
    fileprivate func read(within limit: Duration) async throws {
        _ = try await database.read(within: limit) { try $0.rows("SELECT id FROM instance", []) }
    }

    fileprivate func markOne(within limit: Duration) async throws {
        try await database.write(within: limit) { try $0.run("INSERT INTO marks (mark) VALUES ('one')", []) }
    }
}
