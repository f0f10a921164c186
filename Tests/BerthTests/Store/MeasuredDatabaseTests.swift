import CoreMetrics
import Glibc
import MetricsTestKit
import Synchronization
import TestSupport
import Testing
import Tracing

@testable import Berth
@testable import SQL

@Suite(.timeLimit(.minutes(5))) struct MeasuredDatabaseTests {
    private let metrics = TestMetrics()

    private func database(_ base: some SQLDatabase) -> MeasuredDatabase {
        MeasuredDatabase(base: base, instruments: Instruments(metrics: metrics, tracer: NoOpTracer()))
    }

    @Test func `A transaction is labelled with the method that calls it`() async throws {
        let database = try database(SQLiteDatabase())
        try await nameOfThisMethod(database)
        let labels = [("statement", "nameOfThisMethod"), ("use", "read")]
        let took = try metrics.expectTimer("berth_store_transaction_duration_seconds", labels)
        let waited = try metrics.expectTimer("berth_store_wait_duration_seconds", [("use", "read")])
        #expect(took.values.count == 1 && waited.values.count == 1)
        #expect(try #require(waited.values.first) <= (try #require(took.values.first)))
    }

    private func nameOfThisMethod(_ database: MeasuredDatabase) async throws {
        _ = try await database.read { try $0.rows("SELECT 1", []) }
    }

    @Test func `Refused transactions are counted by reason, and regular results are not`() async throws {
        let database = try database(SQLiteDatabase())
        await #expect(throws: SQLError.self) {
            try await database.write({ _ in throw SQLError.unavailable("x") }, statement: "a(_:)")
        }
        await #expect(throws: SQLError.self) {
            try await database.write({ _ in throw SQLError.uniqueViolation }, statement: "b(_:)")
        }
        let errors = try metrics.expectCounter(
            "berth_store_errors_total",
            [("statement", "a"), ("reason", "unavailable")]
        )
        #expect(errors.values == [1])
        #expect(metrics.counters.filter { $0.label == "berth_store_errors_total" }.count == 1)
    }

    @Test func `A repeated transaction is counted`() async throws {
        let database = database(Twice(base: try SQLiteDatabase()))
        _ = try await database.write({ try $0.rows("SELECT 1", []) }, statement: "a()")
        #expect(try metrics.expectCounter("berth_store_retries_total", [("statement", "a")]).values == [1])
        #expect(try metrics.expectTimer("berth_store_wait_duration_seconds", [("use", "write")]).values.count == 1)
    }

    @Test func `The number of waiting and of running transactions is measured`() async throws {
        let database = try database(SQLiteDatabase())
        final class Gate: Sendable {
            let isEntered = Mutex(false)
            let isOpen = Mutex(false)
        }
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    try await database.write { _ in
                        gate.isEntered.withLock { $0 = true }
                        while !gate.isOpen.withLock({ $0 }) { usleep(1000) }
                    }
                }
            }
            try await eventually("one runs and two wait") {
                gate.isEntered.withLock { $0 } && database.load.count(.write) == (2, 1)
            }
            #expect(database.load.count(.read) == (0, 0))
            gate.isOpen.withLock { $0 = true }
            try await group.waitForAll()
        }
        #expect(database.load.count(.write) == (0, 0))
    }

    /// Runs every transaction twice, as a server may after a deadlock.
    private struct Twice: SQLDatabase {
        let base: SQLiteDatabase
        var tableOptions: String { base.tableOptions }
        var undoesSchemaChanges: Bool { base.undoesSchemaChanges }

        func read<Result: Sendable>(
            within limit: Duration,
            _ body: @escaping @Sendable (any SQLConnection) throws -> Result
        ) async throws -> Result {
            _ = try await base.read(within: limit, body)
            return try await base.read(within: limit, body)
        }

        func write<Result: Sendable>(
            within limit: Duration,
            _ body: @escaping @Sendable (any SQLConnection) throws -> Result
        ) async throws -> Result {
            _ = try await base.write(within: limit, body)
            return try await base.write(within: limit, body)
        }
    }
}
