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

    /// Inserts a row of columns and their values; columns that are not named get their defaults.
    package func insert(into table: SQLTable, _ row: [(String, SQLValue)]) throws(SQLError) {
        let places = row.map { _ in "?" }.joined(separator: ", ")
        let names = row.map { $0.0 }.joined(separator: ", ")
        try run("INSERT INTO \(table.name) (\(names)) VALUES (\(places))", row.map { $0.1 })
    }

    /// Sets columns to their values in the rows that satisfy `condition`.
    ///
    /// - Returns: the number of these rows.
    @discardableResult
    package func update(
        _ table: SQLTable,
        _ changes: [(String, SQLValue)],
        where condition: String,
        _ arguments: [SQLValue]
    ) throws(SQLError) -> Int {
        let assignments = changes.map { "\($0.0) = ?" }.joined(separator: ", ")
        return try run("UPDATE \(table.name) SET \(assignments) WHERE \(condition)", changes.map { $0.1 } + arguments)
    }
}
