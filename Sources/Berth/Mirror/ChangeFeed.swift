import ServiceLifecycle
import Synchronization

/// What happens to runs, apps and hosts, in order, for any number of readers.
///
/// Whoever publishes a change waits for no reader. A reader has no queue of its own: it goes through the log at its own
/// pace, and has lagged when the log does not reach back to where it is.
package final class ChangeFeed: Sendable {
    private struct State {
        var log: ChangeLog
        var readers: [ObjectIdentifier: Wakeup] = [:]
    }

    private let state: Mutex<State>

    /// - Parameter start: how often the server has been started, this time included.
    init(start: Int64, capacity: Int) {
        state = Mutex(State(log: ChangeLog(start: start, capacity: capacity)))
    }

    func publish(_ subject: Change.Subject) { publish { [subject] } }

    /// Adds what `take` returns and wakes the readers.
    ///
    /// One call at a time, so that the log has what is taken from one place in the order in which it was put there.
    func publish(_ take: () -> [Change.Subject]) {
        let readers = state.withLock { state in
            for subject in take() { state.log.append(subject) }
            return Array(state.readers.values)
        }
        for reader in readers { reader.send() }
    }

    /// The id of the newest change.
    package var last: Int64 { state.withLock { $0.log.last } }

    /// How many are reading.
    package var readers: Int { state.withLock { $0.readers.count } }

    /// Hands a reader to `body` that goes on after the change with this id, and that ends when the server is told to stop.
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

/// Goes through a ``ChangeFeed``.
package struct ChangeReader {
    /// What came next.
    package enum News: Sendable {
        case changes([Change])
        /// Nothing has happened for as long as was asked.
        case quiet
        /// Some of what was to come next is not known any more.
        case missed
        /// The server is being stopped, or the task was cancelled.
        case end
    }

    fileprivate let feed: ChangeFeed
    fileprivate let end: End
    /// The id of the last change that was read.
    package var position: Int64

    /// So many are handed out at once.
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
