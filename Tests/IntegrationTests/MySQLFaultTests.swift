import DockerEngine
import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import Berth
@testable import SQL

/// A server whose database is restarted, killed, stopped or slow.
@Suite(.serialized) struct MySQLFaultTests {
    @Test func `A restarted database, killed connections and idle connections cause no errors`() async throws {
        try await PrivateMariaDB.with { server in
            let store = try await server.open()
            try await store.addMarks()
            try await store.useAll()
            try await server.restart()
            try await store.useAll()
            for _ in 0..<5 {
                try await server.killConnections()
                try await store.useAll()
            }
            try await server.execute("SET GLOBAL wait_timeout = 1")
            try await server.killConnections()
            try await store.useAll()
            try await Task.sleep(for: .milliseconds(2500))
            try await store.useAll()
        }
    }

    @Test func `A hung database costs less than two seconds, and is used again when it continues`() async throws {
        try await PrivateMariaDB.with { server in
            let store = try await server.open()
            try await store.addMarks()
            try await store.useAll()
            server.send(SIGSTOP)
            try await eventually("it stands still") { Processes.isStopped(server.processID) }
            for _ in 0..<2 {
                await expectUnavailable(within: .promised(.seconds(2))) { try await store.mark("stopped") }
                await expectUnavailable(within: .promised(.seconds(2))) { try await store.check() }
            }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        await expectUnavailable(within: .promised(.seconds(2))) { try await store.check() }
                    }
                    group.addTask {
                        await expectUnavailable(within: .promised(.seconds(2))) { try await store.mark("stopped") }
                    }
                }
            }
            server.send(SIGCONT)
            try await eventually("it writes again") { await store.works }
            #expect(try await store.marks().filter { $0 == "stopped" }.isEmpty)
        }
    }

    @Test func `A stopped database is refused at once, and used again when it is back`() async throws {
        try await PrivateMariaDB.with { server in
            let store = try await server.open()
            try await store.addMarks()
            try await server.stop()
            await expectQuickRefusal { try await store.mark("gone") }
            await expectQuickRefusal { try await store.check() }
            try await server.restart()
            try await store.useAll()
        }
    }

    @Test func `A database that is killed under load has every answered change once`() async throws {
        let rounds = ProcessInfo.processInfo.environment["LAB_SOAK"].flatMap { Int($0) } ?? 3
        try await PrivateMariaDB.with { server in
            let store = try await server.open()
            try await store.addMarks()
            let (asked, answered) = (Names(), Names())
            for _ in 0..<rounds {
                let before = answered.all.count
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<6 {
                        group.addTask {
                            while true {
                                let mark = freshName("mark")
                                asked.add(mark)
                                do { try await store.mark(mark) } catch is SQLError { return }
                                answered.add(mark)
                            }
                        }
                    }
                    group.addTask {
                        try await eventually("some were answered") { answered.all.count >= before + 20 }
                        try await Task.sleep(for: .milliseconds(Int.random(in: 0...100)))
                        server.send(SIGKILL)
                    }
                    try await group.waitForAll()
                }
                try await server.restart()
                try await store.useAll()
            }
            let kept = try await server.execute(
                "SELECT mark FROM \(PrivateMariaDB.database).marks WHERE mark LIKE 'mark-%'"
            )
            #expect(Set(answered.all).isSubset(of: kept))
            #expect(Set(kept).isSubset(of: asked.all))
            #expect(Set(kept).count == kept.count)
        }
    }

    @Test func `A connection lost during a commit leaves the outcome open, and the commit is not repeated`()
        async throws
    {
        try await PrivateMariaDB.with { server in
            let store = try await server.open()
            try await store.addMarks()
            let attempts = Counter()
            // A backup in the stage in which statements succeed and COMMIT waits.
            let backup = "BACKUP STAGE START; BACKUP STAGE FLUSH; BACKUP STAGE BLOCK_DDL; BACKUP STAGE BLOCK_COMMIT"
            try await server.whileSession(has: backup) {
                async let killed: Void = {
                    try await eventually("COMMIT was sent") { try await server.isRunning("COMMIT") }
                    try await server.killConnections()
                }()
                await expectUnavailable(within: .timeout) {
                    try await store.database.write(within: .timeout) { connection in
                        attempts.add()
                        try connection.run("INSERT INTO marks (mark) VALUES ('open')", [])
                    }
                }
                #expect(attempts.count == 1)
                try await killed
            }
            try await store.useAll()
            #expect(try await store.marks().filter { $0 == "open" }.count <= 1)
        }
    }

    @Test func `A deadlock is solved by another attempt, and a lasting lock is not waited for`() async throws {
        try await PrivateMariaDB.with { server in
            let store = try await server.open()
            try await store.addMarks()
            let table = "\(PrivateMariaDB.database).pairs"
            try await server.execute("CREATE TABLE \(table) (id BIGINT PRIMARY KEY, mark VARCHAR(40)) ENGINE=InnoDB")
            try await server.execute(
                "INSERT INTO \(table) (id, mark) VALUES " + (1...60).map { "(\($0), 'm')" }.joined(separator: ",")
            )
            let (attempts, first, stranger) = (Counter(), Counter(), Counter())
            async let strangers: Void = {
                try await eventually("row 1 is ours") { first.count > 0 }
                let last = "UPDATE \(table) SET mark = 'x' WHERE id = 1"
                async let all = server.execute(
                    "START TRANSACTION; UPDATE \(table) SET mark = 'x' WHERE id > 1; \(last); ROLLBACK"
                )
                try await eventually("the stranger waits for it") { try await server.isRunning(last) }
                stranger.add()
                _ = try await all
            }()
            try await store.database.write { connection in
                attempts.add()
                for id in [1, 2] {
                    // The error is ignored: a body that goes on after a deadlock must not keep half of its work.
                    _ = try? connection.run("UPDATE pairs SET mark = 'ours' WHERE id = ?", [.integer(id)])
                    first.add()
                    while stranger.count == 0 { usleep(10_000) }
                }
            }
            try await strangers
            #expect(attempts.count > 1)
            #expect(try await server.execute("SELECT id FROM \(table) WHERE mark = 'ours'") == ["1", "2"])
            try await server.whileSession(has: "START TRANSACTION; UPDATE \(table) SET mark = 'x'") {
                await expectUnavailable(within: .promised(.seconds(2))) {
                    try await store.database.write { try $0.run("UPDATE pairs SET mark = 'y' WHERE id = 1", []) }
                }
            }
            try await store.useAll()
        }
    }

    @Test func `A slow transaction is rolled back at its deadline, and does not delay the next one`() async throws {
        try await LabMariaDB.with { database in
            let store = try await database.open()
            try await store.addMarks()
            for _ in 0..<3 {
                await expectUnavailable(within: .promised(.milliseconds(300))) {
                    try await store.database.write(within: .milliseconds(300)) { connection in
                        try connection.run("INSERT INTO marks (mark) VALUES ('slow')", [])
                        _ = try connection.rows("SELECT SLEEP(20)", [])
                    }
                }
                try await store.mark("next")
            }
            #expect(try await store.marks() == ["next", "next", "next"])
        }
    }

    @Test func `A body that goes on after a lost connection does not keep half of its work`() async throws {
        try await LabMariaDB.with { database in
            let store = try await database.open()
            try await store.addMarks()
            let killed = Counter()
            try await store.database.write { connection in
                try connection.run("INSERT INTO marks (mark) VALUES ('one')", [])
                if killed.count == 0 {
                    killed.add()
                    let id = try connection.integer("SELECT CONNECTION_ID()")
                    _ = try? connection.run("KILL \(id)", [])
                    _ = try? connection.rows("SELECT 1", [])
                }
                try connection.run("INSERT INTO marks (mark) VALUES ('two')", [])
            }
            #expect(try await store.marks() == ["one", "two"])
        }
    }

    @Test func `A transaction that is cancelled in the queue does not run`() async throws {
        try await PrivateMariaDB.with { server in
            let store = try await server.open()
            try await store.addMarks()
            async let slow = store.database.write { try $0.rows("SELECT SLEEP(5)", []).count }
            try await eventually("it has begun") { try await server.isRunning("SELECT SLEEP(5)") }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        await #expect(throws: CancellationError.self) { try await store.mark("cancelled") }
                    }
                }
                try? await Task.sleep(for: .milliseconds(100))
                group.cancelAll()
            }
            #expect(try await server.isRunning("SELECT SLEEP(5)"), "they have not waited for it")
            #expect(try await slow == 1)
            #expect(try await store.marks().isEmpty)
        }
    }
}

/// Fails unless `body` fails within `limit` with the error for an unusable database.
func expectUnavailable<Value>(within limit: Duration, _ body: () async throws -> Value) async {
    let start = ContinuousClock.now
    do {
        _ = try await SQLLimits.$usual.withValue(SQLLimits.request) { try await body() }
        Issue.record("it went through")
    } catch SQLError.unavailable {
        #expect(ContinuousClock.now - start < limit)
    } catch {
        Issue.record("\(error)")
    }
}

/// Fails unless `body` is refused without a wait: a wait would happen each time, a busy machine is only slow once.
private func expectQuickRefusal(_ body: () async throws -> Void) async {
    var quickest = Duration.timeout
    for _ in 0..<5 {
        let refused = await timed {
            await #expect(throws: SQLError.self) {
                try await SQLLimits.$usual.withValue(SQLLimits.request) { try await body() }
            }
        }
        quickest = min(quickest, refused.duration)
    }
    #expect(quickest < .milliseconds(500))
}

extension PrivateMariaDB {
    /// Whether a session is executing this statement.
    fileprivate func isRunning(_ sql: String) async throws -> Bool {
        let quoted = "'" + sql.replacing("'", with: "''") + "'"
        return try await !execute("SELECT id FROM information_schema.processlist WHERE info = \(quoted)").isEmpty
    }
}

extension Store {
    /// A table without a key, which can hold a row twice.
    func addMarks() async throws {
        try await database.write { [options = database.base.tableOptions] connection in
            try connection.run("CREATE TABLE marks (id BIGINT, mark VARCHAR(40) NOT NULL)\(options)", [])
        }
    }

    func mark(_ mark: String) async throws {
        try await database.write { try $0.run("INSERT INTO marks (mark) VALUES (?)", [.text(mark)]) }
    }

    func marks() async throws -> [String] {
        try await database.read {
            try $0.texts("SELECT mark FROM marks ORDER BY mark")
        }
    }

    var works: Bool {
        get async {
            do {
                try await SQLLimits.$usual.withValue(SQLLimits.request) {
                    try await check()
                    try await mark("works")
                }
                return true
            } catch {
                return false
            }
        }
    }

    /// Reads on all connections, and writes: each must succeed on the first attempt, however long it takes.
    func useAll() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await marks() } }
            group.addTask { try await mark("used") }
            try await group.waitForAll()
        }
    }
}
