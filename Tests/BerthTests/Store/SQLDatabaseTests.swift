import TestSupport
import Testing

@testable import Berth
@testable import SQL

/// The behaviour that every database behind ``SQLDatabase`` must have, tested on each.
@Suite struct SQLDatabaseTests {
    private struct Refused: Error {}

    private func withTable<Result: Sendable>(
        _ kind: StoreKind,
        _ body: (any SQLDatabase) async throws -> Result
    ) async throws -> Result {
        try await kind.withDatabase { database in
            let sql =
                "CREATE TABLE things (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(500) UNIQUE, text LONGTEXT)"
                + database.tableOptions
            try await database.write { try $0.run(sql, []) }
            return try await body(database)
        }
    }

    private func insert(_ id: Int64, _ name: String?, _ database: any SQLDatabase, text: String? = nil) async throws {
        try await database.write { connection in
            try connection.run(
                "INSERT INTO things (id, name, text) VALUES (?, ?, ?)",
                [.integer(id), .text(name), .text(text)]
            )
        }
    }

    private func texts(_ sql: String, _ database: any SQLDatabase) async throws -> [String] {
        try await database.read { try $0.texts(sql) }
    }

    private func expectCount(_ expected: Int, _ database: any SQLDatabase) async throws {
        let count = try await database.read { try $0.rows("SELECT id FROM things", []).count }
        #expect(count == expected)
    }

    @Test(arguments: StoreKind.available)
    func `Text is returned byte for byte, and is found only by an exact match`(kind: StoreKind) async throws {
        try await withTable(kind) { database in
            for (id, text) in NastyText.all.enumerated() {
                try await insert(Int64(id), text.utf8.count > 400 ? nil : text, database, text: text)
            }
            let kept = try await texts("SELECT text FROM things ORDER BY id", database)
            #expect(kept.map { Array($0.utf8) } == NastyText.all.map { Array($0.utf8) })
            for (id, text) in NastyText.all.enumerated() {
                let found = try await database.read { connection in
                    try connection.rows("SELECT id FROM things WHERE text = ?", [.text(text)]).map {
                        try $0.integer("id")
                    }
                }
                #expect(found == [id], "\(text.debugDescription)")
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `Names that look alike are different and sort by their bytes`(kind: StoreKind) async throws {
        try await withTable(kind) { database in
            for (id, name) in NastyText.alike.shuffled().enumerated() { try await insert(Int64(id), name, database) }
            let names = try await texts("SELECT name FROM things ORDER BY name", database)
            let sorted = NastyText.alike.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
            #expect(names.map { Array($0.utf8) } == sorted)
        }
    }

    @Test(arguments: StoreKind.available)
    func `A large value is returned whole, next to small ones and NULL`(kind: StoreKind) async throws {
        try await withTable(kind) { database in
            try await insert(1, nil, database, text: NastyText.large)
            try await insert(2, "b", database)
            try await insert(3, "c", database, text: NastyText.large + "x")
            let rows = try await database.read { try $0.rows("SELECT text, name, id FROM things ORDER BY id", []) }
            #expect(rows.map(\.values.count) == [3, 3, 3])
            #expect(rows[0].values == [.text(NastyText.large), .null, .integer(1 as Int64)])
            #expect(rows[1].values == [.null, .text("b"), .integer(2 as Int64)])
            #expect(rows[2].values == [.text(NastyText.large + "x"), .text("c"), .integer(3 as Int64)])
            #expect(NastyText.large.utf8.count > 1 << 20)
        }
    }

    @Test(arguments: StoreKind.available)
    func `Numbers keep all 64 bits`(kind: StoreKind) async throws {
        let numbers: [Int64] = [.min, .min + 1, -1 << 53 - 1, -1, 0, 1, 1 << 31, 1 << 32, 1 << 53 + 1, .max - 1, .max]
        try await withTable(kind) { database in
            for number in numbers.shuffled() { try await insert(number, nil, database) }
            let rows = try await database.read { try $0.rows("SELECT id FROM things ORDER BY id", []).map(\.values) }
            #expect(rows == numbers.map { [.integer($0)] })
            let sums = try await database.read { connection in
                try connection.rows(
                    "SELECT COUNT(*), SUM(id), MAX(id), MIN(name) FROM things WHERE id < 2 AND id > -2",
                    []
                )
            }
            #expect(sums.map(\.values) == [[.integer(3), .integer(0), .integer(1), .null]])
        }
    }

    @Test(arguments: StoreKind.available)
    func `An update counts all matched rows, even those it leaves unchanged`(kind: StoreKind) async throws {
        try await withTable(kind) { database in
            try await insert(1, "a", database)
            try await insert(2, "b", database)
            let counts = try await database.write { connection in
                [
                    try connection.run("UPDATE things SET text = ? WHERE id = ?", [.null, .integer(1)]),
                    try connection.run("UPDATE things SET text = ?", [.text("x")]),
                    try connection.run("UPDATE things SET text = ?", [.text("x")]),
                    try connection.run("UPDATE things SET text = ? WHERE id = 9", [.text("x")]),
                    try connection.run("DELETE FROM things WHERE id = 1", []),
                    try connection.run("DELETE FROM things", []),
                    try connection.run("DELETE FROM things", []),
                ]
            }
            #expect(counts == [1, 2, 2, 0, 1, 1, 0])
        }
    }

    @Test(arguments: StoreKind.available)
    func `A transaction whose body throws leaves no rows, and the next one sees none`(kind: StoreKind) async throws {
        try await withTable(kind) { database in
            for _ in 0..<3 {
                await #expect(throws: Refused.self) {
                    try await database.write { connection in
                        try connection.run("INSERT INTO things (id) VALUES (1)", [])
                        throw Refused()
                    }
                }
            }
            try await expectCount(0, database)
        }
    }

    @Test(arguments: StoreKind.available)
    func `A refused statement undoes only itself, and the transaction can continue`(kind: StoreKind) async throws {
        try await withTable(kind) { database in
            try await database.write { connection in
                try connection.run("INSERT INTO things (id, name) VALUES (1, 'a')", [])
                #expect(throws: SQLError.uniqueViolation) {
                    try connection.run("INSERT INTO things (id, name) VALUES (2, 'b'), (3, 'a')", [])
                }
                try connection.run("INSERT INTO things (id, name) VALUES (4, 'd')", [])
            }
            #expect(try await texts("SELECT name FROM things ORDER BY id", database) == ["a", "d"])
        }
    }

    @Test(arguments: StoreKind.available)
    func `A constraint violation is refused with its kind`(kind: StoreKind) async throws {
        try await kind.withDatabase { database in
            try await database.write { connection in
                for sql in [
                    "CREATE TABLE parents (id BIGINT NOT NULL PRIMARY KEY)",
                    """
                    CREATE TABLE children (id BIGINT NOT NULL PRIMARY KEY, parent BIGINT NOT NULL CHECK (parent < 10),
                        FOREIGN KEY (parent) REFERENCES parents (id))
                    """,
                ] { try connection.run(sql + database.tableOptions, []) }
                try connection.run("INSERT INTO parents (id) VALUES (1)", [])
                try connection.run("INSERT INTO children (id, parent) VALUES (1, 1)", [])
            }
            for (sql, error) in [
                ("INSERT INTO parents (id) VALUES (1)", SQLError.uniqueViolation),
                ("INSERT INTO children (id, parent) VALUES (2, 2)", .foreignKeyViolation),
                ("DELETE FROM parents", .foreignKeyViolation),
                ("UPDATE parents SET id = 3", .foreignKeyViolation),
                ("UPDATE children SET parent = 11", .checkViolation),
                ("INSERT INTO children (id, parent) VALUES (3, NULL)", .checkViolation),
            ] {
                await #expect(throws: error, "\(sql)") { try await database.write { try $0.run(sql, []) } }
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `A read transaction cannot write`(kind: StoreKind) async throws {
        try await withTable(kind) { database in
            await #expect(throws: SQLError.self) {
                try await database.read { try $0.run("INSERT INTO things (id) VALUES (1)", []) }
            }
            try await expectCount(0, database)
        }
    }

    @Test(arguments: StoreKind.available.filter { $0 != .memory })
    func `A reader sees one consistent state during writes, and the next reader sees the newer one`(
        kind: StoreKind
    ) async throws {
        try await withTable(kind) { database in
            try await insert(1, "a", database)
            let (seen, written) = (Gate(), Gate())
            async let counts = database.read { connection in
                let before = try connection.rows("SELECT id FROM things", []).count
                seen.open()
                written.wait()
                return [before, try connection.rows("SELECT id FROM things", []).count]
            }
            await seen.opened()
            try await insert(2, "b", database)
            written.open()
            #expect(try await counts == [1, 1])
            try await expectCount(2, database)
        }
    }

    @Test(arguments: StoreKind.available)
    func `Fifty concurrent read-then-write transactions lose no update`(kind: StoreKind) async throws {
        try await withTable(kind) { database in
            try await insert(0, "0", database)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 1...50 {
                    group.addTask {
                        try await database.write(within: .seconds(30)) { connection in
                            let count = try connection.texts("SELECT name FROM things WHERE id = 0")[0]
                            try connection.run(
                                "UPDATE things SET name = ? WHERE id = 0",
                                [.text("\((Int(count) ?? 0) + 1)")]
                            )
                            try connection.run("INSERT INTO things (id) VALUES (?)", [.integer(id)])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await texts("SELECT name FROM things WHERE id = 0", database) == ["50"])
            try await expectCount(51, database)
        }
    }

    @Test(arguments: StoreKind.available)
    func `Backslashes and bars in statements mean the same on every database`(kind: StoreKind) async throws {
        try await kind.withDatabase { database in
            let values = try await database.read {
                try $0.rows("SELECT 'a\\n''b' || '\\', 'A' = 'A', NULL", [])[0].values
            }
            #expect(values == [.text("a\\n'b\\"), .integer(1), .null])
        }
    }
}
