import FoundationEssentials
import Glibc
import JSON
import Subprocess
import Testing

@testable import Berth
@testable import SQL

/// Copies from one kind of database to another, and of a backup into a server's database, by the real program.
@Suite(.serialized) struct MigrateTests {
    private static let noHost = ["none=unix:///run/no.sock"]
    private static let nasty: [JSONValue] = [
        "", " ", "  x  ", "\n\t\r", "'; DROP TABLE apps; --", "\"`\\'\\\\", "%_?", "e\u{301}", "\u{E9}", "👩‍👩‍👧‍👦 🚢",
        "\u{202E}x",
        "\u{10FFFF}", "{\"a\":[1]}", .string(String(repeating: "é🚢", count: 20_000)),
    ]

    @Test func `A copy from SQLite to MariaDB and back keeps every byte`() async throws {
        try await withFilled { directory, source in
            let dump = try await records(in: directory + "/berth.db")
            try await LabMariaDB.with { database in
                let url = database.address
                let there = try await runBerth("migrate", "--to", url, "--state-dir", directory)
                #expect(there.isSuccess, "\(there.error)")
                #expect(there.output.contains("releases: \(Self.nasty.count + 1) rows, identical in both databases"))
                #expect(there.output.contains("berth serve --database"))
                #expect(!(there.output + there.error).contains("p%40ss"))
                #expect(try await records(in: directory + "/berth.db") == dump)
                let passwordFile = try Self.withPasswordFile(url, in: directory)
                let back = try await runBerth(
                    "migrate",
                    environment: ["BERTH_FROM": passwordFile, "BERTH_TO": "sqlite:\(directory)/back.db"]
                )
                #expect(back.isSuccess, "\(back.error)")
                #expect(try await records(in: directory + "/back.db") == dump)
                #expect(try mode(of: directory + "/back.db") == 0o600)
                try await BerthProcess.with(hosts: Self.noHost, stateDirectory: directory, database: url) { server in
                    let status1 = try await server.client.get("/v1/apps/a/releases").status
                    #expect(status1 == 200)
                    let refused = try await runBerth(
                        "migrate",
                        "--from",
                        url,
                        "--to",
                        "sqlite:\(directory)/c.db",
                        "--state-dir",
                        directory
                    )
                    #expect(
                        refused.isRefusal && refused.error.contains("Another Berth server uses"),
                        "\(refused.error)"
                    )
                }
            }
        }
    }

    /// The password is the lab's.
    private static func withPasswordFile(_ url: String, in directory: String) throws -> String {
        try "p@ss/wörd:%\n".write(toFile: directory + "/password", atomically: false, encoding: .utf8)
        let parts = url.split(separator: "@")
        return "mysql://berth@\(parts[parts.count - 1])?password_file=\(directory)/password"
    }

    @Test func `A target that is in use or not empty is refused and not changed`() async throws {
        try await withFilled { directory, source in
            try await LabMariaDB.with { database in
                let url = database.address
                let other = directory + "/other"
                try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
                try await BerthProcess.with(hosts: Self.noHost, stateDirectory: other, database: url) { server in
                    try await server.client.define("kept")
                    let refused = try await runBerth("migrate", "--from", source, "--to", url)
                    #expect(
                        refused.isRefusal && refused.error.contains("Another Berth server uses"),
                        "\(refused.error)"
                    )
                }
                let refused = try await runBerth("migrate", "--from", source, "--to", url)
                #expect(refused.isRefusal && refused.error.contains("already contains data"), "\(refused.error)")
                let back = try await runBerth("migrate", "--from", url, "--to", source)
                #expect(back.isRefusal && back.error.contains("already contains data"), "\(back.error)")
                try await runTool("cp", directory + "/berth.db", directory + "/b")
                let restored = try await runBerth(
                    "restore",
                    directory + "/b",
                    "--state-dir",
                    directory,
                    "--database",
                    url
                )
                #expect(restored.isRefusal && restored.error.contains("already contains data"), "\(restored.error)")
                try await BerthProcess.with(hosts: Self.noHost, stateDirectory: other, database: url) { server in
                    let status2 = try await server.client.get("/apps/kept").status
                    #expect(status2 == 200)
                    let status3 = try await server.client.get("/apps/a").status
                    #expect(status3 == 404)
                }
            }
            let same = try await runBerth("migrate", "--from", source, "--to", source)
            #expect(same.isRefusal && same.error.contains("are both"))
            let none = try await runBerth("migrate", "--from", source)
            #expect(none.isRefusal && none.error.contains("--to"))
            let missing = try await runBerth(
                "migrate",
                "--from",
                "sqlite:\(directory)/no.db",
                "--to",
                "sqlite:\(directory)/x.db"
            )
            #expect(missing.isRefusal && missing.error.contains("There is no database"))
            #expect(!FileManager.default.fileExists(atPath: directory + "/x.db"))
            try await runTool("cp", directory + "/berth.db", directory + "/old.db")
            try await runSQLite(directory + "/old.db", "DELETE FROM schema_version WHERE version > 1")
            let old = try await runBerth(
                "migrate",
                "--from",
                "sqlite:\(directory)/old.db",
                "--to",
                "sqlite:\(directory)/x.db"
            )
            #expect(old.isRefusal && old.error.contains("schema 1"), "\(old.error)")
        }
    }

    @Test func `The database of an earlier Berth is refused as a target before its schema changes`() async throws {
        try await withFilled { _, source in
            try await LabMariaDB.with { database in
                let url = database.address
                guard case .mysql(let address) = try DatabaseURL(url) else { return }
                let version = {
                    let database = try await MySQLDatabase(address)
                    return try await database.read { try $0.integer("SELECT MAX(version) FROM schema_version") }
                }
                try await {
                    let database = try await MySQLDatabase(address)
                    try await Migrations.all.upTo(3).apply(to: database)
                    try await database.write { connection in
                        try connection.run("INSERT INTO apps VALUES ('kept', 1, 1, 1)", [])
                    }
                }()
                let refused = try await runBerth("migrate", "--from", source, "--to", url)
                #expect(refused.isRefusal && refused.error.contains("already contains data"), "\(refused.error)")
                #expect(try await version() == 3)
            }
        }
    }

    @Test func `A backup is restored into an empty MariaDB database, under its own id`() async throws {
        try await withFilled { directory, source in
            let file = directory + "/b"
            #expect(try await runBerth("backup", file, "--database", source).isSuccess)
            try await LabMariaDB.with { database in
                let restored = try await runBerth(
                    "restore",
                    file,
                    "--state-dir",
                    directory + "/new",
                    environment: ["BERTH_DATABASE": database.address]
                )
                #expect(restored.isSuccess, "\(restored.error)")
                let left = try FileManager.default.contentsOfDirectory(atPath: directory + "/new").sorted()
                #expect(left == ["instance", "lock", "restore.lock"])
                #expect(
                    FileManager.default.contents(atPath: directory + "/new/instance")
                        == FileManager.default.contents(atPath: directory + "/instance")
                )
                let back = try await runBerth(
                    "migrate",
                    "--from",
                    database.address,
                    "--to",
                    "sqlite:\(directory)/back.db"
                )
                #expect(back.isSuccess, "\(back.error)")
                let (before, after) = (
                    try await records(in: directory + "/berth.db"), try await records(in: directory + "/back.db")
                )
                #expect(after == before)
            }
        }
    }

    @Test func `A copy that fails leaves the target empty, and a killed one starts again from the beginning`()
        async throws
    {
        try await withFilled { directory, source in
            try await LabMariaDB.with { database in
                let (url, sick) = (database.address, directory + "/sick.db")
                try await runTool("cp", directory + "/berth.db", sick)
                // Longer than MariaDB's column.
                try await runSQLite(
                    sick,
                    "INSERT INTO idempotency_keys VALUES ('local', hex(randomblob(300)), 'f', 'o', 1, NULL)"
                )
                let failed = try await runBerth("migrate", "--from", "sqlite:\(sick)", "--to", url)
                #expect(failed.isRefusal && failed.error.contains("a value is invalid"), "\(failed.error)")
                #expect(try await database.execute("SELECT COUNT(*) FROM releases") == ["0"])
                // The state after a killed copy: records, and no id.
                let there = try await runBerth("migrate", "--from", source, "--to", url)
                #expect(there.isSuccess, "\(there.error)")
                try await database.execute("DELETE FROM instance; DELETE FROM hosts")
                let served = try await runBerth(
                    "serve",
                    "--state-dir",
                    directory + "/s",
                    environment: ["BERTH_DATABASE": url]
                )
                #expect(served.isRefusal && served.error.contains("incomplete copy"), "\(served.error)")
                let again = try await runBerth("migrate", "--from", source, "--to", url)
                #expect(again.isSuccess, "\(again.error)")
                #expect(try await database.execute("SELECT COUNT(*) FROM hosts") == ["1"])
            }
        }
    }

    /// Six thousand; with `LAB_SOAK` a hundred thousand.
    @Test func `Many runs are copied there and back, and restored, with progress messages`() async throws {
        let count = ProcessInfo.processInfo.environment["LAB_SOAK"] == nil ? 6000 : 100_000
        try await withFilled { directory, source in
            try await runSQLite(
                directory + "/berth.db",
                """
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
                INSERT INTO runs (id, name, app, release_number, host, image, state, out_of_memory, created_at)
                SELECT 'aaaaaaaaaaaaaaaaaaaa' || translated, 'a-' || translated, 'a', 1, 'none', 'busybox', 'exited', 0, i
                FROM (SELECT i, char(97 + i / 456976 % 26, 97 + i / 17576 % 26, 97 + i / 676 % 26, 97 + i / 26 % 26,
                    97 + i % 26, 97) AS translated FROM n)
                """
            )
            try await LabMariaDB.with { database in
                let url = database.address
                for (from, to) in [(source, url), (url, "sqlite:\(directory)/back.db")] {
                    let moved = try await runBerth("migrate", "--from", from, "--to", to)
                    #expect(moved.output.contains("runs: 5000 rows copied so far"), "\(moved)")
                    #expect(moved.output.contains("\(count) runs"))
                }
            }
            #expect(try await runBerth("backup", directory + "/b", "--database", source).isSuccess)
            let restored = try await runBerth("restore", directory + "/b", "--state-dir", directory)
            #expect(restored.output.contains("\(count) runs"), "\(restored)")
        }
    }

    /// Calls `body` with a state directory whose database has an app with a release for each nasty text.
    private func withFilled(_ body: (_ directory: String, _ source: String) async throws -> Void) async throws {
        try await withDirectory { directory in
            try await BerthProcess.with(hosts: Self.noHost, stateDirectory: directory) { server in
                try await server.client.define("a")
                for text in Self.nasty {
                    let answer = try await server.client.patch("/apps/a", ["variables": ["K": text]])
                    #expect(answer.status == 200, "\(answer.text)")
                }
                _ = try await server.client.post("/apps/", ["name": "b", "image": "busybox"], key: "kéy 🚢")
            }
            try await body(directory, "sqlite:\(directory)/berth.db")
        }
    }

    /// Every row of every table, as SQL, without the time at which the schema was created.
    private func records(in path: String) async throws -> [String] {
        try await runSQLite(path, ".dump").split(separator: "\n").map(String.init)
            .filter { !$0.contains("schema_version") && !$0.contains("journal_mode") }
    }
}

private func mode(of path: String) throws -> UInt32 {
    var status = stat()
    guard stat(path, &status) == 0 else { throw LabError("no \(path)") }
    return status.st_mode & 0o777
}
