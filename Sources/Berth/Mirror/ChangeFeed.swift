import ServiceLifecycle
import Synchronization

/// Changes of runs, apps and hosts, in order, for any number of readers.
///
/// Publishing never waits for a reader. A reader has no queue of its own: it reads the log at its own pace, and has
/// lagged when the log no longer reaches back to its position.
package final class ChangeFeed: Sendable {
    private struct State {
        var log: ChangeLog
        var readers: [ObjectIdentifier: Wakeup] = [:]
    }

    private let state: Mutex<State>

    /// - Parameter start: the number of server starts, including this one.
    init(start: Int64, capacity: Int) {
        state = Mutex(State(log: ChangeLog(start: start, capacity: capacity)))
    }

    func publish(_ subject: Change.Subject) { publish { [subject] } }

    /// Adds what `take` returns and wakes the readers.
    ///
    /// Calls are serialized, so that changes from one source keep their order in the log.
    func publish(_ take: () -> [Change.Subject]) {
        let readers = state.withLock { state in
            let subjects = take()
            for subject in subjects { state.log.append(subject) }
            // Another task may have published them all.
            return subjects.isEmpty ? [] : Array(state.readers.values)
        }
        for reader in readers { reader.send() }
    }

    /// The id of the newest change.
    package var last: Int64 { state.withLock { $0.log.last } }

    /// The number of readers.
    var readers: Int { state.withLock { $0.readers.count } }

    /// Passes `body` a reader that continues after the change with this id, and that ends when the server is shut down.
    @concurrent
    package func withReader<Result: Sendable>(
        after id: Int64,
        _ body: @concurrent (inout ChangeReader) async throws -> Result
    ) async throws -> Result {
        let end = ChangeReader.End()
        state.withLock { $0.readers[ObjectIdentifier(end)] = end.signal }
        defer { state.withLock { $0.readers[ObjectIdentifier(end)] = nil } }
        return try await withGracefulShutdownHandler {
            var reader = ChangeReader(feed: self, end: end, position: id)
            return try await body(&reader)
        } onGracefulShutdown: {
            end.end()
        }
    }

    fileprivate func changes(after id: Int64, limit: Int) -> [Change]? {
        state.withLock { $0.log.changes(after: id, limit: limit) }
    }
}

/// Reads a ``ChangeFeed``.
package struct ChangeReader {
    /// The result of a read.
    package enum News: Sendable {
        case changes([Change])
        /// No change within the given time.
        case quiet
        /// Some of the next changes are no longer in the log.
        case missed
        /// The server is shutting down, or the task was cancelled.
        case end
    }

    fileprivate let feed: ChangeFeed
    fileprivate let end: End
    /// The id of the last change that was read.
    package var position: Int64

    /// The maximum number of changes per read.
    private static let limit = 256

    package mutating func next(within pause: Duration) async -> News {
        let deadline = ContinuousClock.now + pause
        while !end.isReached, !Task.isCancelled {
            guard let changes = feed.changes(after: position, limit: Self.limit) else { return .missed }
            if let last = changes.last {
                position = last.id
                return .changes(changes)
            }
            let now = ContinuousClock.now
            guard now < deadline else { return .quiet }
            await end.signal.wait(atMost: deadline - now)
        }
        return .end
    }

    /// Wakes the reader, and can end it.
    fileprivate final class End: Sendable {
        let signal = Wakeup()
        private let reached = Atomic(false)

        var isReached: Bool { reached.load(ordering: .acquiring) }

        func end() {
            reached.store(true, ordering: .releasing)
            signal.send()
        }
    }
}
