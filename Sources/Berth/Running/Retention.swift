import Logging
import ServiceLifecycle

/// Removes finished runs after their retention time: containers, then their records; also removes expired idempotency
/// keys.
struct Retention: Service {
    let policy: RetentionPolicy
    let runner: Runner
    let logger: Logger

    /// One minute, or less if finished runs are kept for only a few minutes.
    private var interval: Duration { min(.seconds(60), max(.seconds(1), policy.keepFinished / 4)) }
    /// The number of runs per batch, small enough not to block an engine or the database.
    private static let batch = 200

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await sweep(now: .now())
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// Removes the excess; hosts that are disconnected, and failures of the database, are left to a later sweep.
    func sweep(now: Timestamp) async {
        let excess = policy.excess(of: runner.runs.runs(with: .finished), now: now)
        let connected = runner.hosts.connected
        for run in excess.containers.lazy.filter({ connected.contains($0.host) }).prefix(Self.batch) {
            await attempt("A finished container could not be removed; retrying.") {
                _ = try await runner.remove(run.name, force: false)
            }
        }
        for start in stride(from: 0, to: excess.records.count, by: Self.batch) {
            let records = excess.records[start..<min(start + Self.batch, excess.records.count)].map(\.id)
            await attempt("Old records could not be removed; retrying.") { try await forget(records) }
        }
        await attempt("Old idempotency keys could not be removed; retrying.") {
            try await runner.store.forgetKeys(at: now)
        }
    }

    private func forget(_ records: [RunID]) async throws {
        let locked = runner.runs.lock(records)
        defer { for run in locked { runner.unlock(run) } }
        let finished = locked.filter { $0.state.status == .finished }.map(\.id)
        try await runner.store.deleteRuns(finished)
        runner.runs.remove(finished)
    }

    private func attempt(_ failure: Logger.Message, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            logger.notice(failure, metadata: ["error.message": "\(error)"])
        }
    }
}
