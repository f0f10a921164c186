/// All that one database holds, brought into another that holds nothing yet.
///
/// Nobody may change either meanwhile.
struct StoreCopy {
    let source: any SQLDatabase
    let target: any SQLDatabase

    /// So many rows in one transaction.
    private var part: Int { 500 }
    /// For one of them; nobody waits for an answer here.
    private var patience: Duration { .seconds(60) }

    /// Copies every table and then reads both again, row by row.
    ///
    /// - Parameter progress: called with a table and how many of its rows are in the target and the same there.
    /// - Throws: ``CopyRefusal`` when the target holds something, or does not hold the same in the end.
    func carryOut(progress: (_ table: String, _ rows: Int) -> Void) async throws {
        try await copy()
        try await verify(progress: progress)
    }

    func copy() async throws {
        guard try await isEmpty() else { throw CopyRefusal.targetIsInUse }
        // The target has given itself a name already.
        try await target.write { try $0.run("DELETE FROM instance", []) }
        for table in StoredTable.all { try await copy(table) }
    }

    func verify(progress: (_ table: String, _ rows: Int) -> Void) async throws {
        for table in StoredTable.all { progress(table.name, try await compare(table)) }
    }

    private func isEmpty() async throws -> Bool {
        try await target.read { connection in
            try StoredTable.all.allSatisfy { table in
                try table.name == "instance" || connection.rows("SELECT 1 FROM \(table.name) LIMIT 1", []).isEmpty
            }
        }
    }

    private func copy(_ table: StoredTable) async throws {
        try await eachPart(of: table) { rows, _ in
            try await target.write(within: patience) { connection in
                for row in rows { try connection.run(table.insert, row.values) }
            }
        }
    }

    /// - Returns: how many rows there are.
    private func compare(_ table: StoredTable) async throws -> Int {
        var count = 0
        try await eachPart(of: table) { rows, before in
            let copied = try await target.read(within: patience) {
                try table.rows(after: before, limit: rows.count, in: $0)
            }
            guard rows.count == copied.count, zip(rows, copied).allSatisfy({ $0.isExactly($1) }) else {
                throw CopyRefusal.differs(table.name)
            }
            count += rows.count
        }
        let total = try await target.read(within: patience) {
            try $0.rows("SELECT COUNT(*) FROM \(table.name)", [])[0].integer(0)
        }
        guard total == count else { throw CopyRefusal.differs(table.name) }
        return count
    }

    /// - Parameter body: called with rows in the order of their keys, and the key of the last row before them.
    private func eachPart(
        of table: StoredTable,
        _ body: (_ rows: [SQLRow], _ before: [SQLValue]?) async throws -> Void
    ) async throws {
        var last: [SQLValue]?
        while true {
            let before = last
            let rows = try await source.read(within: patience) { try table.rows(after: before, limit: part, in: $0) }
            guard let end = rows.last else { return }
            try await body(rows, before)
            last = table.key(of: end)
        }
    }
}

/// Why a database was not copied, as a line for the one who wanted it.
package enum CopyRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    case targetIsInUse
    case differs(String)

    package var description: String {
        switch self {
        case .targetIsInUse: "The target holds data already. Give an empty database; nothing was changed."
        case .differs(let table):
            "The target's table \(table) is not the same as the source's: something changed one of them meanwhile. "
                + "Empty the target and try again; the source is as it was."
        }
    }
}
