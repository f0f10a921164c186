import FoundationEssentials
import Glibc
import JSON
import Subprocess
import Testing

/// Backup and restore, by the real program.
@Suite(.serialized) struct MaintenanceTests {
    private static let noHost = ["none=unix:///run/no.sock"]

    @Test func `A backup under load has all changes answered before it, and disturbs no requests`() async throws {
        try await withDirectory { directory in
            try await BerthProcess.with(hosts: Self.noHost) { server in
                let state = server.stateDirectory
                let (before, isOver) = (Names(), Counter())
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<4 {
                        group.addTask {
                            var number = 0
                            while isOver.count == 0 {
                                try await server.client.define("w\(writer)-\(number)")
                                before.add("w\(writer)-\(number)")
                                number += 1
                            }
                        }
                    }
                    defer { isOver.add() }
                    try await eventually("some apps are there") { before.all.count > 100 }
                    for round in 0..<3 {
                        let answered = before.all
                        let file = "\(directory)/b\(round)"
                        let made = try await runBerth("backup", file, "--state-dir", state)
                        #expect(made.isSuccess, "\(made.error)")
                        #expect(made.output.hasPrefix("berth backed up "))
                        #expect(try await runSQLite(file, "PRAGMA integrity_check") == "ok")
                        let names = try await runSQLite(file, "SELECT name FROM apps").split(separator: "\n")
                        #expect(Set(answered).isSubset(of: names.map(String.init)))
                    }
                    isOver.add()
                    try await group.waitForAll()
                }
                #expect(try mode(of: directory + "/b0") == 0o600)
                #expect(try files(in: directory) == ["b0", "b1", "b2"])
            }
        }
    }

    @Test func `A restore brings back exactly the backed-up data, and keeps the replaced database`() async throws {
        try await withDirectory { directory in
            let (state, file) = (directory + "/s", directory + "/b")
            let paths = ["/v1/apps?limit=1000", "/apps/", "/v1/apps/a/releases", "/apps/containers", "/v1/runs"]
            try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: false)
            let before = try await BerthProcess.with(hosts: Self.noHost, stateDirectory: state) { server in
                try await server.client.define("a")
                _ = try await server.client.patch("/apps/a", ["variables": ["K": "e\u{301} 🚢 '\"\n"]])
                let answers = try await answers(of: server.client, paths)
                let made = try await runBerth("backup", file, "--state-dir", state)
                #expect(made.isSuccess, "\(made.error)")
                try await server.client.define("later")
                let refused = try await runBerth("restore", file, "--state-dir", state)
                #expect(refused.isRefusal && refused.error.contains("Another Berth server uses"), "\(refused.error)")
                let other = try await runBerth(
                    "restore",
                    file,
                    "--state-dir",
                    directory + "/o",
                    "--database",
                    "sqlite:\(state)/berth.db"
                )
                #expect(other.isRefusal && other.error.contains("Another Berth server uses"), "\(other.error)")
                return answers
            }
            let instance = try String(contentsOfFile: state + "/instance", encoding: .utf8)
            try "x".write(toFile: state + "/instance", atomically: true, encoding: .utf8)
            let restored = try await runBerth("restore", file, "--state-dir", state)
            #expect(restored.isSuccess, "\(restored.error)")
            #expect(try String(contentsOfFile: state + "/instance", encoding: .utf8) == instance)
            let names = try files(in: state)
            let kept = try #require(names.first { $0.hasPrefix("berth.db.before-restore-") })
            #expect(restored.output.contains(kept))
            #expect(try await runSQLite("\(state)/\(kept)", "SELECT name FROM apps ORDER BY name") == "a\nlater")
            #expect(try mode(of: state + "/berth.db") == 0o600)
            let left = try files(in: state)
            #expect(!left.contains { $0.contains("replacement") || $0.hasSuffix(".part") })
            try await BerthProcess.with(hosts: Self.noHost, stateDirectory: state) { server in
                let now = try await answers(of: server.client, paths)
                #expect(now == before)
            }
        }
    }

    @Test func `A run that was started after the backup is adopted after the restore`() async throws {
        let lab = try Lab()
        let app = freshName("app")
        try await withDirectory { directory in
            let file = directory + "/b"
            let names = try await BerthProcess.with(hosts: ["lab=\(lab.unixEndpoint)"], stateDirectory: directory) {
                server in
                try await server.client.waitForHost("lab", "connected")
                try await server.client.define(app)
                let first = try await server.client.run(app)
                let made = try await runBerth("backup", file, "--state-dir", directory)
                #expect(made.isSuccess, "\(made.error)")
                return [first, try await server.client.run(app)]
            }
            let restored = try await runBerth("restore", file, "--state-dir", directory)
            #expect(restored.output.contains("1 app, 1 release, 1 run"), "\(restored)")
            try await BerthProcess.with(hosts: ["lab=\(lab.unixEndpoint)"], stateDirectory: directory) { server in
                try await server.client.waitForHost("lab", "connected")
                let containers = try await server.client.containers()
                #expect(containers == [names[0]: "R", names[1]: "R"])
            }
        }
        try await lab.removeContainers(ofApp: app)
    }

    @Test func `A backup overwrites no file by default, and leaves nothing behind if it fails`() async throws {
        try await withDatabase { directory, database in
            let file = directory + "/b"
            func backUp(_ file: String, _ more: String...) async throws -> CommandResult {
                try await runBerth(arguments: ["backup", file, "--database", database] + more)
            }
            #expect(try await backUp(file).isSuccess)
            let again = try await backUp(file)
            #expect(again.isRefusal && again.error.contains("--force"))
            #expect(try await backUp(file, "--force").isSuccess)
            for name in ["berth.db", "berth.db-wal", "berth.db.lock", "berth.db-journal"] {
                let refused = try await backUp("\(directory)/\(name)", "--force")
                #expect(refused.isRefusal, "\(name): \(refused)")
            }
            #expect(try await backUp(directory + "/none/b").isRefusal)
            #expect(try await backUp(directory).isRefusal)
            let missing = try await runBerth("backup", file + "2", "--database", "sqlite:\(directory)/none.db")
            #expect(missing.isRefusal && missing.error.contains("There is no database"))
            _ = try await runTool("chmod", "600", file)
            try "part".write(toFile: file + "3.part", atomically: false, encoding: .utf8)
            let second = try await backUp(file + "3")
            #expect(second.isRefusal && second.error.contains("another backup"))
            #expect(try await backUp(file + "3", "--force").isSuccess)
            let sick = directory + "/sick.db"
            try await runTool("cp", directory + "/b", sick)
            try await runSQLite(sick, "PRAGMA foreign_keys = OFF; DELETE FROM instance")
            let refused = try await runBerth("backup", file + "4", "--database", "sqlite:\(sick)")
            #expect(refused.isRefusal && refused.error.contains("exactly one server id"), "\(refused.error)")
            let left = try files(in: directory).filter { $0.hasPrefix("b") && !$0.hasPrefix("berth") }
            #expect(left == ["b", "b3"])
            #expect(try await runBerth("backup").status == .exited(64))
            #expect(try await runBerth("backup", "--help").output.contains("BERTH_DATABASE"))
        }
    }

    @Test func `On a full disk a backup fails and leaves no partial file`() async throws {
        try await withDatabase { directory, database in
            try await runSQLite(
                directory + "/berth.db",
                "INSERT INTO idempotency_keys VALUES ('local', 'k', 'f', 'o', 1, hex(randomblob(2000000)))"
            )
            let small = directory + "/small"
            try FileManager.default.createDirectory(atPath: small, withIntermediateDirectories: false)
            try await runTool("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small)
            let refused = try await runBerth("backup", small + "/b", "--database", database)
            let left = try files(in: small)
            try await runTool("umount", small)
            #expect(refused.isRefusal && refused.error.contains("the disk is full"), "\(refused.error)")
            #expect(left == [])
        }
    }

    @Test func `An interrupted backup leaves nothing behind`() async throws {
        try await withDatabase { directory, _ in
            try await runSQLite(
                directory + "/berth.db",
                """
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
                INSERT INTO idempotency_keys SELECT 'local', i, 'f', i, 1, hex(randomblob(1000000)) FROM n
                """
            )
            let script = """
                "$0" backup "$1/b" --state-dir "$1" 2>&1 & process=$!
                until [ -s "$1/b.part" ]; do :; done
                kill -INT $process; wait $process; echo "code $?"
                """
            let said = try await runTool("bash", "-c", script, BerthProcess.binary, directory)
            #expect(said == "berth: interrupted; nothing was changed\ncode 1")
            let left = try files(in: directory).filter { $0.hasPrefix("b.") || $0 == "b" }
            #expect(left == [])
        }
    }

    @Test func `A MySQL database is backed up by its own tool, and the suggested command has no password`() async throws
    {
        let refused = try await runBerth(
            "backup",
            "/tmp/b's",
            environment: ["BERTH_DATABASE": "mysql://me:secret@127.0.0.1:3307/berth"]
        )
        #expect(refused.isRefusal)
        #expect(refused.error.contains("mariadb-dump --single-transaction"))
        #expect(refused.error.contains("--port=3307 --user=me --password berth > '/tmp/b'\\''s'"))
        #expect(!refused.error.contains("secret"))
    }

    /// Each command turns a good backup at `$F` into something else.
    @Test(arguments: [
        ("echo 'not a database, but long enough for a header of one hundred bytes, or so it should be' > $F", "$F"),
        ("truncate -s 5000 $F", "$F"), ("truncate -s 0 $F", "is empty"),
        ("mv $F $F.x; ln -s $F.x $F", "is a symbolic link"),
        ("rm $F; mkdir $F", "not a regular file"), ("rm $F; mkfifo $F", "not a regular file"), ("rm $F", "$F"),
        ("rm $F; sqlite3 $F 'CREATE TABLE t (a)'", "not Berth's"),
        ("sqlite3 $F 'INSERT INTO schema_version VALUES (99, 1)'", "schema 99"),
        ("sqlite3 $F 'ALTER TABLE apps RENAME TO x; CREATE VIEW apps AS SELECT * FROM x'", "its table apps was not"),
        ("sqlite3 $F 'DELETE FROM instance'", "exactly one server id"),
        ("sqlite3 $F \"UPDATE instance SET id = '../../etc/passwd'\"", "exactly one server id"),
        ("sqlite3 $F 'PRAGMA foreign_keys=OFF; DELETE FROM releases'", "a release that does not exist"),
        (
            "sqlite3 $F \"INSERT INTO releases (app, number, settings, created_at) VALUES ('z', 1, '', 1)\"",
            "rows refer"
        ),
        ("sqlite3 $F \"UPDATE apps SET created_at = 'soon'\"", "apps"),
        ("sqlite3 $F 'UPDATE apps SET updated_at = -9223372036854775807'", "apps"),
        ("sqlite3 $F \"UPDATE apps SET created_at = x'00'\"", "cannot be restored"),
        (
            "sqlite3 $F 'PRAGMA ignore_check_constraints=1; UPDATE apps SET current_release = 7'",
            "a release that does not exist"
        ),
        ("sqlite3 $F \"INSERT INTO secrets VALUES ('a', 'K', 'plain', 1, 'x')\"", "a secret is not encrypted"),
        (
            "sqlite3 $F \"INSERT INTO tokens VALUES ('a', 'n', 'x', 'admin', '[\\\"*\\\"]', 1, 'x', NULL, NULL)\"",
            "is not a SHA-256"
        ),
        (
            "sqlite3 $F \"INSERT INTO tokens VALUES ('a', 'n', 'x', 'admin', '', 1, 'x', NULL, NULL)\"",
            "apps of a token"
        ),
        ("sqlite3 $F \"INSERT INTO secrets VALUES ('a', 'K=', 'v1:', 1, 'x')\"", "must"),
        ("sqlite3 $F \"INSERT INTO registries VALUES ('a.b', 'u', 'plain', 1, 'x')\"", "is not encrypted"),
        ("sqlite3 $F \"UPDATE releases SET settings = '{}'\"", "cannot be read"),
        ("sqlite3 $F \"UPDATE releases SET number = 9223372036854775807\"", "releases"),
        ("sqlite3 $F \"PRAGMA foreign_keys=OFF; UPDATE apps SET name='A/..'; UPDATE releases SET app='A/..'\"", "must"),
        (
            "sqlite3 $F \"INSERT INTO hosts (name, endpoint, created_at, updated_at) VALUES ('x y', 'e', 1, 1)\"",
            "a host"
        ),
        (
            "sqlite3 $F \"INSERT INTO idempotency_keys VALUES ('local','k','f','o',1,'{\\\"status\\\":99999}')\"",
            "an answer"
        ),
        ("sqlite3 $F \"INSERT INTO policy VALUES (1, '{\\\"images\\\":[\\\"x\\\"]}', 1, 'a')\"", "the policy"),
        ("sqlite3 $F \"$RUN\"", "a run"),
        ("sqlite3 $F 'PRAGMA journal_mode=WAL'; printf x > $F-wal", "in use"),
        ("dd if=/dev/urandom of=$F bs=1 seek=4100 count=3000 conv=notrunc", "cannot be restored"),
    ])
    func `A damaged backup is refused, and the database does not change`(damage: String, word: String) async throws {
        try await withDatabase { directory, database in
            let file = directory + "/b"
            #expect(try await runBerth("backup", file, "--database", database).isSuccess)
            let run = """
                INSERT INTO runs (id, name, app, release_number, host, image, state, out_of_memory, created_at) \
                VALUES ('x', 'y', 'a', 1, 'h', 'i', 'running', 0, 1)
                """
            try await runTool("bash", "-c", "F=\(file); RUN=\"\(run)\"; { \(damage) ; } >/dev/null 2>&1")
            let before = try await runSQLite(directory + "/berth.db", ".dump")
            let refused = try await runBerth("restore", file, "--state-dir", directory)
            #expect(refused.isRefusal, "\(refused)")
            #expect(refused.error.contains(word == "$F" ? file : word), "\(refused.error)")
            #expect(try await runSQLite(directory + "/berth.db", ".dump") == before)
            let left = try files(in: directory)
            #expect(!left.contains { $0.contains("replacement") || $0.contains("before-restore") })
        }
    }

    @Test func `Nothing of a backup's schema is taken over`() async throws {
        try await withDatabase { directory, database in
            let file = directory + "/b"
            #expect(try await runBerth("backup", file, "--database", database).isSuccess)
            try await runSQLite(
                file,
                """
                CREATE TRIGGER t AFTER INSERT ON apps BEGIN DELETE FROM runs; END; CREATE VIEW v AS SELECT 1;
                CREATE TABLE extra (a); CREATE INDEX more ON apps (created_at); ALTER TABLE apps ADD COLUMN more;
                """
            )
            let schema = try await runSQLite(directory + "/berth.db", ".schema")
            let restored = try await runBerth("restore", file, "--state-dir", directory)
            #expect(restored.isSuccess, "\(restored.error)")
            #expect(try await runSQLite(directory + "/berth.db", ".schema") == schema)
            #expect(try await runSQLite(directory + "/berth.db", "SELECT name FROM apps") == "a")
        }
    }

    @Test func `A backup of an earlier schema is migrated`() async throws {
        try await withDatabase { directory, database in
            let file = directory + "/b"
            #expect(try await runBerth("backup", file, "--database", database).isSuccess)
            try await runSQLite(
                file,
                """
                DROP TABLE run_logs; DROP TABLE idempotency_keys; DROP INDEX releases_by_operation; DROP INDEX runs_by_operation;
                DROP INDEX runs_by_age; ALTER TABLE releases DROP COLUMN created_by;
                ALTER TABLE releases DROP COLUMN origin; ALTER TABLE releases DROP COLUMN restored;
                ALTER TABLE releases DROP COLUMN operation; ALTER TABLE runs DROP COLUMN command;
                ALTER TABLE runs DROP COLUMN overrides; ALTER TABLE runs DROP COLUMN stop_timeout;
                ALTER TABLE runs DROP COLUMN max_runtime; ALTER TABLE runs DROP COLUMN is_promised;
                ALTER TABLE runs DROP COLUMN image_id; ALTER TABLE runs DROP COLUMN ports;
                ALTER TABLE runs DROP COLUMN operation; ALTER TABLE runs DROP COLUMN item;
                ALTER TABLE instance DROP COLUMN starts; ALTER TABLE hosts DROP COLUMN source;
                ALTER TABLE hosts DROP COLUMN is_drained; ALTER TABLE hosts DROP COLUMN operation;
                DELETE FROM schema_version WHERE version > 1;
                """
            )
            let restored = try await runBerth("restore", file, "--state-dir", directory)
            #expect(restored.isSuccess, "\(restored.error)")
            try await BerthProcess.with(hosts: Self.noHost, stateDirectory: directory) { server in
                let status1 = try await server.client.get("/apps/a").status
                #expect(status1 == 200)
            }
        }
    }

    @Test(arguments: ["after-restore-build", "after-restore-keep", "before-restore-swap", "after-restore-swap"])
    func `A killed restore leaves a whole database, and can be repeated`(point: String) async throws {
        try await withDatabase { directory, database in
            let file = directory + "/b"
            #expect(try await runBerth("backup", file, "--database", database).isSuccess)
            try await runSQLite(directory + "/berth.db", "UPDATE apps SET updated_at = 7; PRAGMA journal_mode")
            let killed = try await runBerth(
                "restore",
                file,
                "--state-dir",
                directory,
                environment: ["BERTH_FAULT_POINT": point]
            )
            #expect(killed.status == .signaled(SIGKILL))
            let time = try await runSQLite(directory + "/berth.db", "SELECT updated_at = 7 FROM apps")
            #expect(time == (point == "after-restore-swap" ? "0" : "1"))
            try await BerthProcess.with(hosts: Self.noHost, stateDirectory: directory) { server in
                let status2 = try await server.client.get("/apps/a").status
                #expect(status2 == 200)
            }
            let again = try await runBerth("restore", file, "--state-dir", directory)
            #expect(again.isSuccess, "\(again.error)")
            #expect(try await runSQLite(directory + "/berth.db", "SELECT updated_at = 7 FROM apps") == "0")
            let left = try files(in: directory)
            #expect(!left.contains { $0.contains("replacement") || $0.hasSuffix(".part") })
        }
    }

    @Test func `A database that is damaged beyond repair is kept as it is, and replaced`() async throws {
        try await withDatabase { directory, database in
            let file = directory + "/b"
            #expect(try await runBerth("backup", file, "--database", database).isSuccess)
            try "ruined".write(toFile: directory + "/berth.db", atomically: false, encoding: .utf8)
            try "log".write(toFile: directory + "/berth.db-wal", atomically: false, encoding: .utf8)
            let restored = try await runBerth("restore", file, "--state-dir", directory)
            #expect(restored.isSuccess, "\(restored.error)")
            let names = try files(in: directory)
            let kept = try #require(names.first { $0.hasPrefix("berth.db.before") && $0.hasSuffix("Z") })
            #expect(try String(contentsOfFile: "\(directory)/\(kept)", encoding: .utf8) == "ruined")
            #expect(try String(contentsOfFile: "\(directory)/\(kept)-wal", encoding: .utf8) == "log")
            #expect(try await runSQLite(directory + "/berth.db", "SELECT name FROM apps") == "a")
        }
    }

    @Test func `A killed server's write-ahead log is in the backup, and in what a restore keeps`() async throws {
        try await withDirectory { directory in
            try await BerthProcess.with(hosts: Self.noHost, stateDirectory: directory) { server in
                try await server.client.define("a")
                server.send(SIGKILL)
                try await eventually("the server is gone") { !server.isRunning }
            }
            #expect(try files(in: directory).contains("berth.db-wal"))
            let made = try await runBerth("backup", directory + "/b", "--state-dir", directory)
            #expect(made.output.contains("1 app, 1 release, 0 runs"), "\(made)")
            let restored = try await runBerth("restore", directory + "/b", "--state-dir", directory)
            #expect(restored.isSuccess, "\(restored.error)")
            let names = try files(in: directory)
            let kept = try #require(names.first { $0.hasPrefix("berth.db.before") })
            #expect(try await runSQLite("\(directory)/\(kept)", "SELECT name FROM apps") == "a")
        }
    }

    /// Calls `body` with the state directory of a server that has defined the app `a`.
    private func withDatabase(_ body: (_ directory: String, _ url: String) async throws -> Void) async throws {
        try await withDirectory { directory in
            try await BerthProcess.with(hosts: Self.noHost, stateDirectory: directory) { server in
                try await server.client.define("a")
            }
            try await body(directory, "sqlite:\(directory)/berth.db")
        }
    }

    private func answers(of client: HTTP, _ paths: [String]) async throws -> [String] {
        var answers: [String] = []
        for path in paths { answers.append(try await client.get(path).text) }
        return answers
    }
}

private func files(in directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
}

private func mode(of path: String) throws -> UInt32 {
    var status = stat()
    guard stat(path, &status) == 0 else { throw LabError("no \(path)") }
    return status.st_mode & 0o777
}
