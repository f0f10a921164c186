/// The facts about a server, checked against what Berth requires.
struct MySQLServerFacts: Sendable {
    let isMariaDB: Bool
    /// As a number, 101119 for 10.11.19.
    let version: Int
    let versionText: String
    let hasInnoDB: Bool
    /// The server settings that Berth checks.
    let settings: [String: String]

    private static let minimumPacketBytes = 8 << 20
    /// A smaller one has no room for the longest keys.
    private static let minimumPageBytes = 8 << 10

    /// Why Berth cannot use the server, as the end of a sentence; nil if it can.
    var fault: String? {
        let oldest = isMariaDB ? (100_600, "MariaDB 10.6") : (80_016, "MySQL 8.0.16")
        if version < oldest.0 { return "is \(versionText), which is too old; use \(oldest.1) or newer" }
        if !hasInnoDB { return "has no InnoDB, which Berth needs; enable it" }
        if number("max_allowed_packet") < Self.minimumPacketBytes {
            return "has a max_allowed_packet of \(number("max_allowed_packet")) bytes; set it to 16M or more"
        }
        if number("innodb_page_size") < Self.minimumPageBytes {
            return "has pages of \(number("innodb_page_size")) bytes; innodb_page_size must be 8k or more"
        }
        return nil
    }

    /// What is allowed but not recommended.
    var warnings: [String] {
        var warnings: [String] = []
        if number("innodb_flush_log_at_trx_commit") != 1 {
            warnings.append(
                "The database's innodb_flush_log_at_trx_commit is not 1: if its machine fails, confirmed changes can "
                    + "be lost."
            )
        }
        if settings["wsrep_on"] == "ON" {
            warnings.append(
                "The database is a Galera cluster: Berth is designed for one database server, and may lose changes on "
                    + "a cluster."
            )
        }
        return warnings
    }

    /// The options of each CREATE TABLE, independent of the server's defaults.
    ///
    /// Names that differ in any byte must be distinct, and must sort by their bytes, as in SQLite. Other row formats
    /// have no room for the longest keys.
    var tableOptions: String {
        " ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE="
            + (isMariaDB ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin")
    }

    private func number(_ name: String) -> Int { settings[name].flatMap { Int($0) } ?? 0 }
}

extension MySQLServerFacts {
    init(of session: MySQLSession) throws {
        isMariaDB = session.isMariaDB
        version = session.version
        versionText = session.versionText
        let engines = try session.rows(
            "SELECT engine AS engine, support AS support FROM information_schema.engines",
            []
        )
        hasInnoDB = try engines.contains { row in
            try row.text("engine").lowercased() == "innodb"
                && ["YES", "DEFAULT"].contains(try row.text("support").uppercased())
        }
        let names = "'max_allowed_packet', 'innodb_flush_log_at_trx_commit', 'innodb_page_size', 'wsrep_on'"
        let rows = try session.rows("SHOW GLOBAL VARIABLES WHERE Variable_name IN (\(names))", [])
        settings = Dictionary(try rows.map { (try $0.text("Variable_name").lowercased(), try $0.text("Value")) }) {
            first,
            _ in first
        }
    }
}
