import Berth
import SQL

/// Copies the contents of one database into another that holds nothing yet.
///
/// No one else may change either database meanwhile.
struct StoreCopy {
    let source: any SQLDatabase
    let target: any SQLDatabase
    /// The source's tables.
    var tables = SQLTable.all

    /// Rows per transaction.
    private func part(of table: SQLTable) -> Int { table.hasLongRows ? 20 : 500 }
    /// For one transaction; no request depends on it.
    private var timeout: Duration { .seconds(60) }

    /// Copies every table and then reads both databases again, row by row.
    ///
    /// The server's id is copied last. A target without it is a partial copy, which the next attempt starts over.
    ///
    /// - Parameter progress: called with lines that report progress.
    /// - Throws: ``CopyError`` when the target holds records before, or differs from the source afterwards.
    func run(progress: (String) -> Void) async throws {
        try await prepare()
        for part in [tables.filter { !$0.isInstance }, tables.filter(\.isInstance)] {
            try await copy(part, progress: progress)
            try await verify(part, progress: progress)
        }
    }

    /// Prepares the target for rows; fails if it holds records.
    func prepare() async throws {
        guard try await isEmpty() else {
            guard try await isPartOfCopy() else { throw CopyError.targetIsInUse }
            return try await empty()
        }
        // The target may have given itself an id already.
        try await target.write { try $0.run("DELETE FROM instance", []) }
    }

    func copy(_ tables: [SQLTable], progress: (String) -> Void) async throws {
        for table in tables { try await copy(table, progress: progress) }
    }

    func verify(_ tables: [SQLTable], progress: (String) -> Void) async throws {
        for table in tables { progress("\(table.name): \(try await compare(table)) rows, identical in both databases") }
    }

    /// Removes every row from the target.
    func empty() async throws {
        for table in tables.reversed() {
            try await target.write(within: .seconds(600)) { try $0.run("DELETE FROM \(table.name)", []) }
        }
    }

    /// Whether the target holds no records.
    func isEmpty() async throws -> Bool {
        try await target.read { connection in
            try tables.allSatisfy { try $0.isInstance || $0.isEmpty(in: connection) }
        }
    }

    private func isPartOfCopy() async throws -> Bool {
        try await target.read { try SQLTable.instance.isEmpty(in: $0) }
    }

    private func copy(_ table: SQLTable, progress: (String) -> Void) async throws {
        var count = 0
        try await eachPart(of: table) { rows, _ in
            try await target.write(within: timeout) { connection in
                for row in rows { try connection.insert(into: table, Array(zip(table.columns, row.values))) }
            }
            count += rows.count
            if count.isMultiple(of: 5000) { progress("\(table.name): \(count) rows copied so far") }
        }
    }

    /// - Returns: the number of rows.
    private func compare(_ table: SQLTable) async throws -> Int {
        var count = 0
        try await eachPart(of: table) { rows, before in
            let copied = try await target.read(within: timeout) {
                try table.rows(after: before, limit: rows.count, in: $0)
            }
            guard rows.count == copied.count, zip(rows, copied).allSatisfy({ $0.isExactly($1) }) else {
                throw CopyError.differs(table.name)
            }
            count += rows.count
        }
        let total = try await target.read(within: timeout) { try table.count(in: $0) }
        guard total == count else { throw CopyError.differs(table.name) }
        return count
    }

    /// - Parameter body: called with rows in key order, and the key of the last row before them.
    private func eachPart(
        of table: SQLTable,
        _ body: (_ rows: [SQLRow], _ before: [SQLValue]?) async throws -> Void
    ) async throws {
        var last: [SQLValue]?
        while true {
            let before = last
            let rows = try await source.read(within: timeout) {
                try table.rows(after: before, limit: part(of: table), in: $0)
            }
            guard let end = rows.last else { return }
            try await body(rows, before)
            last = table.key(of: end)
        }
    }
}

/// Why a database was not copied, as a line for the operator.
enum CopyError: Error, Sendable, Equatable, CustomStringConvertible {
    case targetIsInUse
    case differs(String)

    var description: String {
        switch self {
        case .targetIsInUse: "The target already contains data. Use an empty database. Nothing was changed."
        case .differs(let table):
            "The target's table \(table) differs from the source's: one of them was changed during the copy. "
                + "Empty the target and try again; the source was not changed."
        }
    }
}
