import SQL

enum AuditOrder {
    case newestFirst
    case oldestFirst
}

extension Store {
    /// The number of rows of the audit log, and the last id.
    func auditExtent() async throws -> (count: Int, last: AuditID) {
        try await database.read { connection in
            let last = try connection.rows("SELECT id FROM audit ORDER BY id DESC LIMIT 1", []).first
            return (try SQLTable.audit.count(in: connection), AuditID(recorded: try last?.integer("id") ?? 0))
        }
    }

    /// Adds rows, in the order of their ids; those that are there already stay as they are.
    func appendAudit(_ rows: [AuditRow]) async throws {
        try await database.write { try insertAudit(rows, into: $0) }
    }

    /// Like ``appendAudit(_:)``, also if the disk is full.
    func appendAuditEvenIfFull(_ rows: [AuditRow]) async throws {
        try await database.writeEvenIfFull { try insertAudit(rows, into: $0) }
    }

    /// The rows after an earlier result that match, at most `limit`.
    ///
    /// Examines a limited number of rows, so that a filter that matches few does not hold the database.
    ///
    /// - Parameter last: the last row that was examined before; nil to begin.
    /// - Returns: the rows, and the last one that was examined; nil at the end.
    func auditRows(
        _ filter: AuditFilter,
        _ order: AuditOrder,
        after last: AuditID?,
        limit: Int
    ) async throws -> (rows: [AuditRow], last: AuditID?) {
        guard var ids = filter.ids.map({ ($0.lowerBound, $0.upperBound) }) else { return ([], nil) }
        if let last, order == .newestFirst { ids.1 = min(ids.1, last.number - 1) }
        if let last, order == .oldestFirst { ids.0 = max(ids.0, last.number + 1) }
        let (first, end) = ids
        let (direction, edge) = order == .newestFirst ? ("DESC", "MIN") : ("ASC", "MAX")
        let (conditions, arguments) = filter.sql
        let window = conditions.isEmpty ? limit : max(limit, 10_000)
        return try await database.read { connection in
            let examined = try connection.rows(
                """
                SELECT COUNT(*) AS size, \(edge)(id) AS edge FROM
                    (SELECT id FROM audit WHERE id BETWEEN ? AND ? ORDER BY id \(direction) LIMIT ?) AS part
                """,
                [.integer(first), .integer(end), .integer(window)]
            ).first
            guard let number = try examined?.optionalInteger("edge"), let size = try examined?.integer("size") else {
                return ([], nil)
            }
            let edge = Int64(number)
            let rows = try connection.rows(
                """
                SELECT \(SQLTable.audit.selection) FROM audit WHERE id BETWEEN ? AND ?\(conditions)
                    ORDER BY id \(direction) LIMIT ?
                """,
                (order == .newestFirst ? [.integer(edge), .integer(end)] : [.integer(first), .integer(edge)])
                    + arguments + [.integer(limit)]
            ).map(auditRow(from:))
            if rows.count == limit { return (rows, rows.last?.id) }
            return (rows, size == window ? AuditID(recorded: number) : nil)
        }
    }

    /// Deletes the oldest rows before `id`, at most `limit`; returns how many.
    func deleteAudit(before id: AuditID, limit: Int) async throws -> Int {
        try await deleteAudit(
            of: "SELECT id FROM audit WHERE id < ? ORDER BY id LIMIT ?",
            [.integer(id.number), .integer(limit)]
        )
    }

    /// Deletes the oldest refusals or, if there are none, the oldest rows, at most `limit`; returns how many.
    func deleteOldestAudit(limit: Int) async throws -> Int {
        let refusals = try await deleteAudit(
            of: "SELECT id FROM audit WHERE result = 'denied' ORDER BY id LIMIT ?",
            [.integer(limit)]
        )
        guard refusals == 0 else { return refusals }
        return try await deleteAudit(of: "SELECT id FROM audit ORDER BY id LIMIT ?", [.integer(limit)])
    }

    /// - Parameter selection: of ids; it is read before the transaction that changes something, which stays short.
    private func deleteAudit(of selection: String, _ arguments: [SQLValue]) async throws -> Int {
        let ids = try await database.read { connection in
            try connection.rows(selection, arguments).map { try $0.integer("id") }
        }
        guard !ids.isEmpty else { return 0 }
        return try await database.writeEvenIfFull { connection in
            try ids.reduce(0) { $0 + (try connection.run("DELETE FROM audit WHERE id = ?", [.integer($1)])) }
        }
    }
}

private func insertAudit(_ rows: [AuditRow], into connection: any SQLConnection) throws {
    guard let first = rows.first, let last = rows.last else { return }
    // After an attempt whose outcome was not known.
    let present = try connection.rows(
        "SELECT id FROM audit WHERE id BETWEEN ? AND ?",
        [.integer(first.id.number), .integer(last.id.number)]
    ).map { try $0.integer("id") }
    for row in rows where !present.contains(Int(row.id.number)) {
        let entry = row.entry
        try connection.insert(
            into: .audit,
            [
                ("id", .integer(row.id.number)), ("actor", .text(entry.actor)), ("action", .text(entry.action)),
                ("target", .text(entry.target)), ("result", .text(entry.result.rawValue)), ("code", .text(entry.code)),
                ("request_id", .text(entry.requestID)), ("address", .text(entry.address)),
            ]
        )
    }
}

private func auditRow(from row: SQLRow) throws -> AuditRow {
    guard let result = AuditEntry.Result(rawValue: try row.text("result")) else {
        throw SQLError.damaged("a row of the audit log has an unknown result")
    }
    return AuditRow(
        id: AuditID(recorded: try row.integer("id")),
        entry: AuditEntry(
            actor: try row.text("actor"),
            action: try row.text("action"),
            target: try row.text("target"),
            result: result,
            code: try row.optionalText("code"),
            requestID: try row.text("request_id"),
            address: try row.text("address")
        )
    )
}

extension AuditFilter {
    /// Its conditions, each after an `AND`, except for the times.
    fileprivate var sql: (conditions: String, arguments: [SQLValue]) {
        var (conditions, arguments) = ("", [SQLValue]())
        for (column, value) in [("actor", actor), ("action", action)] {
            guard let value else { continue }
            conditions += " AND \(column) = ?"
            arguments.append(.text(value))
        }
        if let target {
            conditions += " AND (target = ? OR SUBSTR(target, 1, ?) = ?)"
            arguments += [.text(target), .integer(target.unicodeScalars.count + 1), .text(target + " ")]
        }
        return (conditions, arguments)
    }
}
