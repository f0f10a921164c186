/// A table: its name and all of its columns, key columns first.
package struct SQLTable: Sendable {
    package let name: String
    /// The number of leading columns that form the key.
    package let keyCount: Int
    package let columns: [String]
    /// Whether a row may have many kilobytes, so that fewer are read at once.
    package let hasLongRows: Bool

    package init(name: String, keyCount: Int, columns: [String], hasLongRows: Bool = false) {
        self.name = name
        self.hasLongRows = hasLongRows
        self.keyCount = keyCount
        self.columns = columns
    }

    /// All columns as a select list.
    package var selection: String { columns.joined(separator: ", ") }

    /// At most `limit` rows in key order, starting after `key`.
    package func rows(after key: [SQLValue]?, limit: Int, in connection: any SQLConnection) throws -> [SQLRow] {
        let keys = columns.prefix(keyCount)
        let all = selection
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

    package func isEmpty(in connection: any SQLConnection) throws -> Bool {
        try !connection.has("SELECT 1 FROM \(name) LIMIT 1")
    }

    package func count(in connection: any SQLConnection) throws -> Int {
        try connection.integer("SELECT COUNT(*) FROM \(name)")
    }

    package func key(of row: SQLRow) -> [SQLValue] { Array(row.values.prefix(keyCount)) }
}

extension SQLRow {
    /// Compares byte by byte; `==` on strings treats composed and decomposed letters as equal.
    package func isExactly(_ other: SQLRow) -> Bool {
        values.count == other.values.count
            && zip(values, other.values).allSatisfy { left, right in
                if case .text(let left) = left, case .text(let right) = right {
                    return left.utf8.elementsEqual(right.utf8)
                }
                return left == right
            }
    }
}
