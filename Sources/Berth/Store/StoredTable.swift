/// A table as it is copied: all of its columns, those of its key first.
struct StoredTable: Sendable {
    let name: String
    /// How many of the columns are the key.
    let keyCount: Int
    let columns: [String]

    /// In an order in which each row finds those that it refers to.
    static let all = [
        StoredTable(name: "hosts", keyCount: 1, columns: ["name", "endpoint", "created_at", "updated_at"]),
        StoredTable(name: "apps", keyCount: 1, columns: ["name", "current_release", "created_at", "updated_at"]),
        StoredTable(
            name: "releases",
            keyCount: 2,
            columns: ["app", "number", "settings", "created_at", "created_by", "origin", "restored", "operation"]
        ),
        StoredTable(
            name: "runs",
            keyCount: 1,
            columns: [
                "id", "name", "app", "release_number", "host", "image", "state", "container_id", "exit_code", "reason",
                "out_of_memory", "created_at", "started_at", "finished_at", "command", "overrides", "stop_timeout",
                "max_runtime", "is_promised", "image_id", "ports", "operation", "item",
            ]
        ),
        StoredTable(
            name: "idempotency_keys",
            keyCount: 1,
            columns: ["idempotency_key", "fingerprint", "operation", "created_at", "answer"]
        ),
        instance,
    ]
    /// Who the server is; copied last, so that what has none is known for a part of a copy.
    static let instance = StoredTable(name: "instance", keyCount: 1, columns: ["id", "created_at", "starts"])

    var isInstance: Bool { name == Self.instance.name }

    /// At most `limit` rows, in the order of their keys, those behind `key`.
    func rows(after key: [SQLValue]?, limit: Int, in connection: any SQLConnection) throws -> [SQLRow] {
        let keys = columns.prefix(keyCount)
        let all = columns.joined(separator: ", ")
        let order = "ORDER BY \(keys.joined(separator: ", ")) LIMIT ?"
        guard let key else {
            return try connection.rows("SELECT \(all) FROM \(name) \(order)", [.integer(limit)])
        }
        guard keyCount > 1 else {
            return try connection.rows(
                "SELECT \(all) FROM \(name) WHERE \(keys[0]) > ? \(order)",
                key + [.integer(limit)]
            )
        }
        return try connection.rows(
            "SELECT \(all) FROM \(name) WHERE \(keys[0]) >= ? AND (\(keys[0]) > ? OR \(keys[1]) > ?) \(order)",
            [key[0], key[0], key[1], .integer(limit)]
        )
    }

    func isEmpty(in connection: any SQLConnection) throws -> Bool {
        try connection.rows("SELECT 1 FROM \(name) LIMIT 1", []).isEmpty
    }

    func count(in connection: any SQLConnection) throws -> Int {
        try connection.rows("SELECT COUNT(*) FROM \(name)", [])[0].integer(0)
    }

    func key(of row: SQLRow) -> [SQLValue] { Array(row.values.prefix(keyCount)) }

    var insert: String {
        let places = columns.map { _ in "?" }.joined(separator: ", ")
        return "INSERT INTO \(name) (\(columns.joined(separator: ", "))) VALUES (\(places))"
    }
}

extension SQLRow {
    /// Byte by byte, where `==` on texts takes a composed and a decomposed letter for the same.
    func isExactly(_ other: SQLRow) -> Bool {
        values.count == other.values.count
            && zip(values, other.values).allSatisfy { left, right in
                if case .text(let left) = left, case .text(let right) = right {
                    return left.utf8.elementsEqual(right.utf8)
                }
                return left == right
            }
    }
}
