import Logging
import SQL
import ServiceLifecycle
import Synchronization
import Tracing

/// The record of changes and of refused requests.
///
/// A row is on disk before its request is answered. Requests that end while rows are being stored share the next
/// transaction.
package final class AuditLog: Service {
    private struct Waiting {
        let row: AuditRow
        /// Gets whether the row is stored; nil if its request waits no longer.
        var continuation: CheckedContinuation<Bool, Never>?
    }

    private struct State {
        /// The rows that are not stored yet, the oldest first.
        var queue: [Waiting] = []
        var lastID: AuditID
        /// The number of stored rows.
        var count: Int
        var writer: Task<Void, Never>?
        /// Whether the last attempt failed: no request waits for the next one.
        var isFailing = false
        var refusals = RefusalLimit()
    }

    private let state: Mutex<State>
    private let store: Store
    private let keep: Duration
    private let maximumCount: Int
    private let logger: Logger

    /// The most rows that wait while the database fails.
    static let capacity = 10_000
    private static let batch = 500

    /// - Parameter keep: the age at which rows are deleted.
    init(store: Store, keep: Duration, maximumCount: Int = 1_000_000, logger: Logger) async throws {
        let extent = try await store.auditExtent()
        state = Mutex(State(lastID: extent.last, count: extent.count))
        (self.store, self.keep, self.maximumCount, self.logger) = (store, keep, maximumCount, logger)
    }
}

// Adding rows.
extension AuditLog {
    /// Stores the result of a change, and returns when it is on disk, or cannot be at the moment.
    ///
    /// - Parameter waits: false for a request that failed because the database did: it has waited already.
    package func record(_ entry: AuditEntry, waits: Bool = true, at now: Timestamp = .now()) async {
        let span = store.database.instruments.tracer.startSpan("audit", ofKind: .client)
        span.attributes["layer"] = "store"
        defer { span.end() }
        let isInTime = await withCheckedContinuation { continuation in
            let early = state.withLock { state -> Bool? in
                guard waits, !state.isFailing else { return add(entry, at: now, nil, to: &state) && !waits }
                return add(entry, at: now, continuation, to: &state) ? nil : false
            }
            if let early { continuation.resume(returning: early) }
        }
        if !isInTime { report(entry) }
    }

    /// Like ``record(_:waits:at:)`` for a refusal, which gets a row of its own only if there are not too many.
    ///
    /// - Parameter isOncePerMinute: whether its sender gets one such row per minute.
    package func recordRefusal(_ entry: AuditEntry, isOncePerMinute: Bool, at now: Timestamp = .now()) async {
        summarizeRefusals(at: now)
        let isAdmitted = state.withLock {
            $0.refusals.admits(entry, isOncePerMinute: isOncePerMinute, at: now)
        }
        if isAdmitted { await record(entry, at: now) }
    }

    /// Returns false if there are too many rows that are not stored yet.
    @discardableResult
    private func add(
        _ entry: AuditEntry,
        at now: Timestamp,
        _ continuation: CheckedContinuation<Bool, Never>?,
        to state: inout State
    ) -> Bool {
        guard state.queue.count < Self.capacity else { return false }
        state.lastID = state.lastID.next(at: now)
        state.queue.append(Waiting(row: AuditRow(id: state.lastID, entry: entry), continuation: continuation))
        beginWriting(&state)
        return true
    }

    private func report(_ entry: AuditEntry) {
        store.database.instruments.metrics.count("berth_audit_failures_total", [])
        logger.error(
            "A row of the audit log was not stored in time.",
            metadata: ["berth.audit": "\(entry)", "trace.id": "\(entry.requestID)"]
        )
    }

    private func summarizeRefusals(at now: Timestamp, isLast: Bool = false) {
        state.withLock { state in
            guard let summary = state.refusals.summary(at: now, isLast: isLast) else { return }
            add(summary, at: now, nil, to: &state)
        }
    }
}

// Storing rows.
extension AuditLog {
    /// Begins to store the queue, unless that is in progress.
    ///
    /// It is a task of its own, since it works for all requests, and must not end with the one that began it.
    private func beginWriting(_ state: inout State) {
        guard state.writer == nil, !state.queue.isEmpty else { return }
        state.writer = ServiceContext.$current.withValue(nil) { Task { await self.write() } }
    }

    private func write() async {
        while let batch = takeBatch() {
            let rows = batch.map(\.row)
            do {
                try await store.appendAudit(rows)
                finish(batch)
            } catch SQLError.full {
                await writeOnFullDisk(batch)
            } catch let error as SQLError where error.isLasting {
                logger.error("The database rejected rows of the audit log.", metadata: ["error.message": "\(error)"])
                finish(batch, areStored: false)
            } catch {
                logger.warning("The audit log cannot be stored; retrying.", metadata: ["error.message": "\(error)"])
                return postpone(batch)
            }
        }
    }

    /// Nil at the end of the queue, which also ends the task.
    private func takeBatch() -> [Waiting]? {
        state.withLock { state in
            let batch = Array(state.queue.prefix(Self.batch))
            state.queue.removeFirst(batch.count)
            guard batch.isEmpty else { return batch }
            state.writer = nil
            return nil
        }
    }

    /// Changes that still succeed mostly free space, so they get a row; failed and refused requests do not.
    private func writeOnFullDisk(_ batch: [Waiting]) async {
        let changes = batch.filter { $0.row.entry.result == .ok }
        finish(batch.filter { $0.row.entry.result != .ok }, areStored: false)
        guard !changes.isEmpty else { return }
        do {
            try await store.appendAuditEvenIfFull(changes.map(\.row))
            finish(changes)
        } catch {
            finish(changes, areStored: false)
        }
    }

    private func finish(_ batch: [Waiting], areStored: Bool = true) {
        state.withLock { state in
            state.isFailing = false
            if areStored { state.count += batch.count }
        }
        for waiting in batch { waiting.continuation?.resume(returning: areStored) }
    }

    /// Keeps the rows for a later attempt, and lets all requests go on.
    private func postpone(_ batch: [Waiting]) {
        let continuations = state.withLock { state in
            state.queue.insert(contentsOf: batch, at: 0)
            state.writer = nil
            // Rows that came after the first failure have none.
            guard !state.isFailing else { return [CheckedContinuation<Bool, Never>]() }
            state.isFailing = true
            let continuations = state.queue.compactMap(\.continuation)
            for index in state.queue.indices { state.queue[index].continuation = nil }
            return continuations
        }
        for continuation in continuations { continuation.resume(returning: false) }
    }
}

// What happens by time.
extension AuditLog {
    package func run() async {
        await cancelWhenGracefulShutdown { [self] in
            var swept: ContinuousClock.Instant?
            while !Task.isCancelled {
                summarizeRefusals(at: .now())
                state.withLock { beginWriting(&$0) }
                if swept.map({ ContinuousClock.now - $0 >= .seconds(60) }) ?? true {
                    swept = .now
                    // No request waits for it.
                    await SQLLimits.$usual.withValue(.seconds(30)) { await sweep(at: .now()) }
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
        summarizeRefusals(at: .now(), isLast: true)
        let writer = state.withLock { state in
            beginWriting(&state)
            return state.writer
        }
        await writer?.value
    }

    /// Deletes old rows, and those beyond the maximum count.
    func sweep(at now: Timestamp) async {
        do {
            let oldest = AuditID(firstAt: now.before(keep))
            while !Task.isCancelled, count(try await store.deleteAudit(before: oldest, limit: Self.batch)) {}
            while !Task.isCancelled, case let surplus = state.withLock({ $0.count }) - maximumCount, surplus > 0 {
                guard count(try await store.deleteOldestAudit(limit: min(surplus, Self.batch))) else { break }
            }
        } catch {
            logger.notice("Old rows of the audit log could not be deleted.", metadata: ["error.message": "\(error)"])
        }
    }

    /// Whether rows were deleted.
    private func count(_ deleted: Int) -> Bool {
        state.withLock { $0.count -= deleted }
        return deleted > 0
    }
}

// Reading rows.
extension AuditLog {
    /// The rows before a cursor that match, the newest first, at most `limit`.
    package func rows(_ filter: AuditFilter, before cursor: AuditID?, limit: Int) async throws -> [AuditRow] {
        var (found, last) = ([AuditRow](), cursor)
        repeat {
            let part = try await store.auditRows(filter, .newestFirst, after: last, limit: limit - found.count)
            found += part.rows
            last = part.last
        } while last != nil && found.count < limit
        return found
    }

    /// Passes all rows that match to `send`, the oldest first, up to the last one that there is now.
    ///
    /// - Parameter send: gets 1 to 1,000 rows.
    package func export(
        _ filter: AuditFilter,
        _ send: ([AuditRow]) async throws -> Void
    ) async throws {
        var filter = filter
        let end = state.withLock { $0.lastID.time }
        filter.until = min(filter.until ?? end, end)
        var last: AuditID?
        repeat {
            let part = try await store.auditRows(filter, .oldestFirst, after: last, limit: 1000)
            if !part.rows.isEmpty { try await send(part.rows) }
            last = part.last
        } while last != nil
    }
}
