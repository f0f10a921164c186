/// One connection, within a transaction.
package protocol SQLConnection {
    /// The rows that `sql` selects; `?` stands for each of `arguments` in turn.
    func rows(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> [SQLRow]

    /// Runs `sql` and returns how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> Int
}

extension SQLConnection {
    /// Whether `sql` selects any row.
    package func has(_ sql: String, _ arguments: [SQLValue] = []) throws(SQLError) -> Bool {
        try !rows(sql, arguments).isEmpty
    }

    /// The texts of the one column that `sql` selects.
    package func texts(_ sql: String, _ arguments: [SQLValue] = []) throws(SQLError) -> [String] {
        var texts: [String] = []
        for row in try rows(sql, arguments) { texts.append(try row.text(row.columns.names[0])) }
        return texts
    }

    /// The number in the one row and column that `sql` selects.
    package func integer(_ sql: String, _ arguments: [SQLValue] = []) throws(SQLError) -> Int {
        guard let row = try rows(sql, arguments).first else { throw .damaged("a required row is missing") }
        return try row.integer(row.columns.names[0])
    }

    /// Inserts a row; columns that `values` does not name get their defaults.
    package func insert(into table: SQLTable, _ values: [SQLAssignment]) throws(SQLError) {
        let places = values.map { _ in "?" }.joined(separator: ", ")
        let names = values.map(\.column).joined(separator: ", ")
        try run("INSERT INTO \(table.name) (\(names)) VALUES (\(places))", values.map(\.value))
    }

    /// Updates the rows that satisfy `condition`.
    ///
    /// - Returns: the number of these rows.
    @discardableResult
    package func update(
        _ table: SQLTable,
        _ values: [SQLAssignment],
        where condition: String,
        _ arguments: [SQLValue]
    ) throws(SQLError) -> Int {
        let assignments = values.map { "\($0.column) = ?" }.joined(separator: ", ")
        return try run("UPDATE \(table.name) SET \(assignments) WHERE \(condition)", values.map(\.value) + arguments)
    }
}

/// A column and its new value.
package struct SQLAssignment: Sendable {
    package let column: String
    package let value: SQLValue

    package init(_ column: String, _ value: SQLValue) {
        self.column = column
        self.value = value
    }
}
