import Synchronization

/// How long one request has waited for the layers below it.
package final class Timings: Sendable {
    /// Of the request that this task carries out.
    @TaskLocal package static var current: Timings?

    private let store = Mutex(Duration.zero)

    package init() {}

    /// From the calls of the database to their returns, added up.
    package var inStore: Duration { store.withLock { $0 } }

    fileprivate func addToStore(_ duration: Duration) { store.withLock { $0 += duration } }
}

/// A database whose calls count for the request that makes them.
struct TimedDatabase: SQLDatabase {
    let base: any SQLDatabase

    var tableOptions: String { base.tableOptions }
    var undoesSchemaChanges: Bool { base.undoesSchemaChanges }

    func read<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await timed { try await base.read(within: limit, body) }
    }

    @discardableResult
    func write<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await timed { try await base.write(within: limit, body) }
    }

    @discardableResult
    func writeEvenIfFull<Result: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await timed { try await base.writeEvenIfFull(within: limit, body) }
    }

    private func timed<Result>(_ body: () async throws -> Result) async throws -> Result {
        guard let timings = Timings.current else { return try await body() }
        let start = ContinuousClock.now
        defer { timings.addToStore(.now - start) }
        return try await body()
    }
}
