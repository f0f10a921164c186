import NIOCore
import Synchronization

/// The latest output of one container, in order, for any number of readers.
///
/// Like ``ChangeFeed``: adding never waits for a reader, a reader has no queue of its own, and has lagged when the feed
/// no longer reaches back to its position.
final class LogFeed: Sendable {
    private struct State {
        var items: [LogItem] = []
        /// The position of the first item.
        var first = 0
        var bytes = 0
        var isOpen = false
        var isEnded = false
        var failure: BerthError?
        var readers: [ObjectIdentifier: Wakeup] = [:]

        var end: Int { first + items.count }
    }

    private static let maximumBytes = 4 << 20
    private static let maximumItems = 16_384
    /// What one read returns at most.
    private static let batch = 512

    private let state = Mutex(State())

    /// The result of a read.
    enum News {
        case items([LogItem], next: Int)
        case end(BerthError?)
    }

    /// Adds items and wakes the readers.
    func append(_ items: [LogItem]) {
        guard !items.isEmpty else { return }
        notify { state in
            state.items += items
            state.bytes += items.reduce(0) { $0 + $1.size }
            // Half at once, so that removing from the front costs little per item.
            guard state.bytes > Self.maximumBytes || state.items.count > Self.maximumItems else { return }
            var count = 0
            var freed = 0
            while count < state.items.count,
                state.bytes - freed > Self.maximumBytes / 2
                    || state.items.count - count > Self.maximumItems / 2
            {
                freed += state.items[count].size
                count += 1
            }
            state.items.removeFirst(count)
            state.first += count
            state.bytes -= freed
        }
    }

    /// From now on all output is added.
    func open() { notify { $0.isOpen = true } }

    /// No more output comes.
    func finish(throwing failure: BerthError? = nil) {
        notify { state in
            state.isOpen = true
            state.isEnded = true
            state.failure = failure
        }
    }

    var isEnded: Bool { state.withLock { $0.isEnded } }

    private func notify(_ change: (inout State) -> Void) {
        let readers = state.withLock { state in
            change(&state)
            return Array(state.readers.values)
        }
        for reader in readers { reader.send() }
    }

    /// Wakes the readers every few seconds, so that a quiet one needs no timer of its own.
    ///
    /// - Throws: `CancellationError`.
    func tick() async throws {
        while true {
            try await Task.sleep(for: LogReader.tick)
            notify { _ in }
        }
    }

    /// What is still there.
    var items: [LogItem] { state.withLock { $0.items } }

    /// Passes `body` a reader.
    func withReader<Result>(_ body: (inout LogReader) async throws -> Result) async throws -> Result {
        let wakeup = Wakeup()
        state.withLock { $0.readers[ObjectIdentifier(wakeup)] = wakeup }
        defer { state.withLock { $0.readers[ObjectIdentifier(wakeup)] = nil } }
        var reader = LogReader(feed: self, wakeup: wakeup)
        return try await body(&reader)
    }

    /// All items, and the position after them; nil if it is not open.
    fileprivate var present: (items: [LogItem], end: Int)? {
        state.withLock { $0.isOpen ? ($0.items, $0.end) : nil }
    }

    fileprivate func news(from position: Int) -> News? {
        state.withLock { state in
            if position < state.first {
                return .items([.lagged(skipped: state.first - position)], next: state.first)
            }
            let index = position - state.first
            guard index < state.items.count else { return state.isEnded ? .end(state.failure) : nil }
            let items = state.items[index..<min(index + Self.batch, state.items.count)]
            return .items(Array(items), next: position + items.count)
        }
    }
}

/// Reads a ``LogFeed``.
struct LogReader {
    fileprivate let feed: LogFeed
    fileprivate let wakeup: Wakeup
    private var position = 0

    /// How long a read waits.
    static let pause = Duration.seconds(15)
    fileprivate static let tick = Duration.seconds(5)

    fileprivate init(feed: LogFeed, wakeup: Wakeup) {
        self.feed = feed
        self.wakeup = wakeup
    }

    /// Waits until the feed is open, and goes to its end.
    ///
    /// - Returns: what is in the feed; nil if it was not open in time.
    /// - Throws: `CancellationError`.
    mutating func open(within pause: Duration = pause) async throws -> [LogItem]? {
        guard let present = try await first(within: pause, { feed.present }) else { return nil }
        position = present.end
        return present.items
    }

    /// The next items, none if there were none for a while; nil at the end of the container's output.
    ///
    /// - Throws: `CancellationError`; `BerthError` if the engine cannot return the output.
    mutating func next(within pause: Duration = pause) async throws -> [LogItem]? {
        let position = position
        switch try await first(within: pause, { feed.news(from: position) }) {
        case .items(let items, let next):
            self.position = next
            return items
        case .end(let failure?): throw failure
        case .end(nil): return nil
        case nil: return []
        }
    }

    /// The first value that `find` returns; nil if there was none in time.
    private func first<Value>(within pause: Duration, _ find: () -> Value?) async throws -> Value? {
        let end = ContinuousClock.now + pause
        while true {
            try Task.checkCancellation()
            if let value = find() { return value }
            let rest = end - .now
            guard rest > .zero else { return nil }
            if rest > Self.tick { await wakeup.wait() } else { await wakeup.wait(atMost: rest) }
        }
    }
}

extension LogItem {
    /// The memory that it takes, roughly.
    fileprivate var size: Int { if case .record(let record) = self { record.message.readableBytes + 64 } else { 64 } }
}
