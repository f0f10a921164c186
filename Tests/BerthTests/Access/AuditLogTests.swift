import Logging
import MetricsTestKit
import Synchronization
import TestSupport
import Testing
import Tracing

@testable import Berth
@testable import BerthMaintenance
@testable import SQL

@Suite(.timeLimit(.minutes(5))) struct AuditLogTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func log(on store: Store, maximumCount: Int = 1_000_000) async throws -> AuditLog {
        try await AuditLog(store: store, keep: .seconds(365 * 86_400), maximumCount: maximumCount, logger: logger)
    }

    private func targets(_ log: AuditLog, _ filter: AuditFilter = AuditFilter()) async throws -> [String] {
        try await log.rows(filter, before: nil, limit: 1000).map(\.entry.target)
    }

    @Test(arguments: StoreKind.available)
    func `A row is stored when record returns`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let log = try await log(on: store)
            let entry = AuditEntry.example(result: .failed, code: "app_exists")
            await log.record(entry, at: .noon)
            let row = try #require(try await log.rows(AuditFilter(), before: nil, limit: 10).first)
            #expect(row.entry == entry && row.id.time == .noon)
        }
    }

    @Test func `Concurrent requests share transactions`() async throws {
        let database = try TestDatabase()
        let log = try await log(on: Store(database))
        let gate = Gate()
        database.state.withLock { ($0.gate, $0.writes) = (gate, 0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    database.state.withLock { $0.requests += 1 }
                    await log.record(.example(target: "\(number)"))
                }
            }
            try await eventually("all have begun") { database.state.withLock { $0.requests } == 100 }
            #expect(try await targets(log).isEmpty, "no answer before its row")
            gate.open()
            try await group.waitForAll()
        }
        #expect(Set(try await targets(log)).count == 100)
        #expect(database.state.withLock { $0.writes } <= 50)
    }

    @Test func `A request whose client is gone is stored all the same`() async throws {
        let database = try TestDatabase()
        let log = try await log(on: Store(database))
        let gate = Gate()
        database.state.withLock { $0.gate = gate }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await log.record(.example()) }
            group.cancelAll()
            gate.open()
        }
        #expect(try await targets(log) == ["app web"])
    }

    @Test func `While the database fails, requests go on and are counted; later their rows are stored`() async throws {
        let (database, metrics) = (try TestDatabase(), TestMetrics())
        let instruments = Instruments(metrics: metrics, tracer: NoOpTracer())
        let log = try await log(on: Store(database, instruments: instruments))
        database.state.withLock { $0.failure = .unavailable("x") }
        for target in ["a", "b"] { await log.record(.example(target: target)) }
        await log.record(.example(target: "c"), waits: false)
        #expect(try await targets(log).isEmpty)
        #expect(try metrics.expectCounter("berth_audit_failures_total", []).values == [1, 1])
        database.state.withLock { $0.failure = nil }
        try await withTask {
            await log.run()
        } during: {
            try await eventually("they are stored") { try await targets(log) == ["c", "b", "a"] }
        }
        await log.record(.example(target: "d"))
        #expect(try await targets(log) == ["d", "c", "b", "a"])
    }

    @Test func `The number of rows that wait for the database is limited`() async throws {
        let database = try TestDatabase()
        let log = try await log(on: Store(database))
        database.state.withLock { $0.failure = .unavailable("x") }
        for number in 0..<AuditLog.capacity + 100 { await log.record(.example(target: "\(number)")) }
        database.state.withLock { $0.failure = nil }
        try await withTask {
            await log.run()
        } during: {
            try await eventually("they are stored") { try await targets(log).first == "\(AuditLog.capacity - 1)" }
        }
    }

    @Test func `On a full disk only changes that succeed get a row`() async throws {
        let database = try TestDatabase()
        let log = try await log(on: Store(database))
        database.state.withLock { $0.failure = .full }
        await log.record(.example(target: "deleted"))
        await log.record(.example(target: "refused", result: .failed, code: "store_full"))
        #expect(try await targets(log) == ["deleted"])
    }

    @Test func `A row that was stored without an answer is not stored twice`() async throws {
        let store = try await Store.inMemory()
        let rows = [AuditRow(id: AuditID(firstAt: .noon), entry: .example())]
        try await store.appendAudit(rows)
        try await store.appendAudit(rows)
        #expect(try await store.auditExtent().count == 1)
    }

    @Test func `Ids grow across a restart with an earlier clock`() async throws {
        let store = try await Store.inMemory()
        await (try log(on: store)).record(.example(target: "first"), at: .later)
        let restarted = try await log(on: store)
        await restarted.record(.example(target: "second"), at: .noon)
        #expect(try await targets(restarted) == ["second", "first"])
    }

    @Test func `The rest is stored when the server stops, with the refusals that got no row`() async throws {
        let log = try await log(on: .inMemory())
        for _ in 0..<70 {
            await log.recordRefusal(.example(target: "x", result: .denied), isOncePerMinute: false)
        }
        try await withTask {
            await log.run()
        } during: {
        }
        let rows = try await log.rows(AuditFilter(), before: nil, limit: 100)
        // The minute may have changed meanwhile.
        #expect((61...70).contains(rows.count))
        let counted = rows.reduce(0) { sum, row in
            sum + (row.entry.action == "refusals" ? Int(row.entry.target.split(separator: " ")[0]) ?? 0 : 1)
        }
        #expect(counted == 70)
    }
}

// Retention and reading.
extension AuditLogTests {
    @Test(arguments: StoreKind.available)
    func `Old rows are deleted, and of too many the oldest refusals first`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let log = try await log(on: store, maximumCount: 10)
            await log.record(.example(target: "old"), at: Timestamp.noon.before(.seconds(366 * 86_400)))
            for number in 0..<12 { await log.record(.example(target: "\(number)"), at: .noon) }
            for number in 0..<3 { await log.record(.example(target: "refused \(number)", result: .denied), at: .noon) }
            await log.sweep(at: .noon)
            #expect(try await targets(log) == (2..<12).reversed().map { "\($0)" })
            let restarted = try await self.log(on: store, maximumCount: 10)
            await restarted.sweep(at: .noon)
            #expect(try await targets(restarted).count == 10)
            await restarted.sweep(at: Timestamp.noon.after(.seconds(366 * 86_400)))
            #expect(try await targets(restarted).isEmpty)
        }
    }

    @Test func `More rows than one transaction deletes are deleted`() async throws {
        let store = try await Store.inMemory()
        try await store.appendAudit(rows(1800))
        let log = try await log(on: store, maximumCount: 100)
        await log.sweep(at: .noon)
        #expect(try await store.auditExtent().count == 100)
    }

    /// Rows that end at noon.
    private func rows(_ count: Int) -> [AuditRow] {
        var id = AuditID(firstAt: Timestamp.noon.before(.seconds(10)))
        return (0..<count).map { number in
            id = id.next(at: .noon)
            return AuditRow(id: id, entry: .example(target: "app \(number)"))
        }
    }

    @Test(arguments: StoreKind.available)
    func `All rows are exported in their order, in parts`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let all = rows(10_000)
            for start in stride(from: 0, to: all.count, by: 1000) {
                try await store.appendAudit(Array(all[start..<start + 1000]))
            }
            let log = try await log(on: store)
            var exported: [AuditRow] = []
            try await log.export(AuditFilter()) { part in
                #expect((1...1000).contains(part.count))
                exported += part
            }
            #expect(exported == all)
        }
    }

    @Test(arguments: StoreKind.available)
    func `A filter finds rows that are far apart`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let all = rows(25_000)
            for start in stride(from: 0, to: all.count, by: 1000) {
                try await store.appendAudit(Array(all[start..<start + 1000]))
            }
            let log = try await log(on: store)
            await log.record(.example(target: "app 7 run app-7-x"), at: .later)
            var filter = AuditFilter()
            filter.target = "app 7"
            #expect(try await targets(log, filter) == ["app 7 run app-7-x", "app 7"])
            var exported: [String] = []
            try await log.export(filter) { exported += $0.map(\.entry.target) }
            #expect(exported == ["app 7", "app 7 run app-7-x"])
            filter.since = .later
            #expect(try await targets(log, filter) == ["app 7 run app-7-x"])
            filter.until = .noon
            #expect(try await targets(log, filter).isEmpty)
            filter.since = nil
            filter.action = "deleteApp"
            #expect(try await targets(log, filter).isEmpty)
        }
    }

    @Test func `A backup may hold ids of every time, and no others`() async throws {
        let store = try await Store.inMemory()
        try await store.appendAudit([AuditRow(id: .last, entry: .example())])
        try await StoreValidator(store: store).validate()
        try await store.database.write { try $0.run("UPDATE audit SET id = -1", []) }
        await #expect(throws: SQLError.self) { try await StoreValidator(store: store).validate() }
    }
}

/// A database that can be held up and made to fail, and that counts its changes.
private final class TestDatabase: SQLDatabase {
    struct State {
        var writes = 0
        /// Counted by the test.
        var requests = 0
        /// Each change waits until it is open.
        var gate: Gate?
        /// `full` lets those changes through that are possible on a full disk.
        var failure: SQLError?
    }

    let state = Mutex(State())
    private let base: SQLiteDatabase

    init() throws { base = try SQLiteDatabase() }

    var tableOptions: String { base.tableOptions }
    var undoesSchemaChanges: Bool { base.undoesSchemaChanges }

    func read<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await base.read(within: limit, body)
    }

    func write<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        let state = state.withLock { state in
            state.writes += 1
            return state
        }
        await state.gate?.opened()
        if let failure = state.failure { throw failure }
        return try await base.write(within: limit, body)
    }

    func writeEvenIfFull<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        if let failure = state.withLock({ $0.failure }), failure != .full { throw failure }
        return try await base.write(within: limit, body)
    }
}
