package import SQL
import Synchronization
import Tracing

/// Measures the transactions of a database: time in the queue, duration and outcome.
package struct MeasuredDatabase: Sendable {
    let base: any SQLDatabase
    let instruments: Instruments
    let load = StoreLoad()

    /// Like the method of `SQLDatabase`.
    ///
    /// - Parameter statement: the purpose of the transaction, as `#function` gives it.
    package func read<Result: Sendable>(
        within limit: Duration = SQLLimits.usual,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result,
        statement: String = #function
    ) async throws -> Result {
        try await measured(statement, .read, body) { try await base.read(within: limit, $0) }
    }

    /// Like the method of `SQLDatabase`.
    ///
    /// - Parameter statement: the purpose of the transaction, as `#function` gives it.
    @discardableResult
    package func write<Result: Sendable>(
        within limit: Duration = SQLLimits.usual,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result,
        statement: String = #function
    ) async throws -> Result {
        try await measured(statement, .write, body) { try await base.write(within: limit, $0) }
    }

    /// Like the method of `SQLDatabase`.
    ///
    /// - Parameter statement: the purpose of the transaction, as `#function` gives it.
    @discardableResult
    package func writeEvenIfFull<Result: Sendable>(
        within limit: Duration = SQLLimits.usual,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result,
        statement: String = #function
    ) async throws -> Result {
        try await measured(statement, .write, body) { try await base.writeEvenIfFull(within: limit, $0) }
    }

    /// - Parameter transaction: runs its argument, which is `body` with a count of the attempts.
    private func measured<Result: Sendable>(
        _ function: String,
        _ use: StoreLoad.Use,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result,
        _ transaction: (@escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result
    ) async throws -> Result {
        let statement = String(function.prefix { $0 != "(" })
        let span = instruments.tracer.startSpan(statement, ofKind: .client)
        span.attributes["layer"] = "store"
        let attempts = load.begin(use)
        do {
            let result = try await transaction { connection in
                attempts.count()
                return try body(connection)
            }
            end(span, statement, attempts, error: nil)
            return result
        } catch {
            end(span, statement, attempts, error: error)
            throw error
        }
    }

    private func end(_ span: any Span, _ statement: String, _ attempts: StoreLoad.Attempts, error: (any Error)?) {
        load.end(attempts)
        if let error { span.recordError(error) }
        span.end()
        let metrics = instruments.metrics
        let use = attempts.use.rawValue
        let (took, waited, retries) = attempts.outcome
        let labels = [("statement", statement), ("use", use)]
        metrics.record(took, as: "berth_store_transaction_duration_seconds", labels)
        if let waited { metrics.record(waited, as: "berth_store_wait_duration_seconds", [("use", use)]) }
        if retries > 0 { metrics.count("berth_store_retries_total", [("statement", statement)], by: retries) }
        guard let reason = (error as? SQLError)?.reason else { return }
        metrics.count("berth_store_errors_total", [("statement", statement), ("reason", reason)])
    }
}

/// Counts the transactions that wait for the database or run on it.
package final class StoreLoad: Sendable {
    package enum Use: String, Sendable, CaseIterable {
        case read
        case write
    }

    /// By use: all open transactions, and those of them that have a connection.
    private let counts = Mutex<[Use: (all: Int, running: Int)]>([:])

    package func count(_ use: Use) -> (waiting: Int, running: Int) {
        counts.withLock { counts in
            let count = counts[use] ?? (0, 0)
            return (count.all - count.running, count.running)
        }
    }

    fileprivate func begin(_ use: Use) -> Attempts {
        change(use, all: 1)
        return Attempts(use) { self.change(use, running: 1) }
    }

    fileprivate func end(_ attempts: Attempts) {
        change(attempts.use, all: -1, running: attempts.outcome.waited == nil ? 0 : -1)
    }

    private func change(_ use: Use, all: Int = 0, running: Int = 0) {
        counts.withLock { counts in
            counts[use, default: (0, 0)].all += all
            counts[use, default: (0, 0)].running += running
        }
    }

    /// One transaction, which the database may attempt more than once.
    fileprivate final class Attempts: Sendable {
        let use: Use
        private let start = ContinuousClock.now
        private let onFirst: @Sendable () -> Void
        private let state = Mutex((first: ContinuousClock.Instant?.none, count: 0))

        init(_ use: Use, onFirst: @escaping @Sendable () -> Void) {
            self.use = use
            self.onFirst = onFirst
        }

        func count() {
            let isFirst = state.withLock { state in
                state.count += 1
                guard state.first == nil else { return false }
                state.first = .now
                return true
            }
            if isFirst { onFirst() }
        }

        /// `waited` is nil if the transaction never got a connection.
        var outcome: (took: Duration, waited: Duration?, retries: Int) {
            let (first, count) = state.withLock { $0 }
            return (.now - start, first.map { $0 - start }, max(0, count - 1))
        }
    }
}

extension SQLError {
    /// A label for metrics; nil for an error that is a regular result rather than a failure.
    fileprivate var reason: String? {
        switch self {
        case .uniqueViolation, .foreignKeyViolation: nil
        case .checkViolation, .schemaConflict: "conflict"
        case .full: "full"
        case .unavailable: "unavailable"
        case .damaged: "damaged"
        }
    }
}
