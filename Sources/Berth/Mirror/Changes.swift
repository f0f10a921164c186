/// A change, for readers of the feed.
package struct Change: Sendable {
    /// Grows with each change, also across restarts of the server.
    package let id: Int64
    package let subject: Subject

    package enum Subject: Sendable {
        /// A run was added or changed: the run, and how clients see it since then.
        case run(Run, RunView)
        /// The run's record was deleted.
        case runDeleted(Run)
        case app(App)
        case appDeleted(AppName)
        /// The host was added or changed, or its status has; readers must fetch the current one.
        case host(HostName)
        case hostDeleted(HostName)
    }
}

/// The latest changes up to a maximum number, in order.
struct ChangeLog {
    private let capacity: Int
    /// A ring buffer; the change with the number `n` is at `n` modulo the capacity.
    private var ring: [Change] = []
    private let first: Int64
    /// The id of the newest change, or of the one before the first.
    private(set) var last: Int64

    /// - Parameter start: the number of server starts, including this one.
    init(start: Int64, capacity: Int) {
        self.capacity = capacity
        first = start << 40
        last = first
    }

    mutating func append(_ subject: Change.Subject) {
        last += 1
        let change = Change(id: last, subject: subject)
        if ring.count < capacity { ring.append(change) } else { ring[slot(of: last)] = change }
    }

    /// At most `limit` changes after the one with this id; nil if some of them are no longer in the log.
    func changes(after id: Int64, limit: Int) -> [Change]? {
        guard id <= last, id >= last - Int64(ring.count), id >= first else { return nil }
        let end = min(last, id + Int64(limit))
        return id == end ? [] : (id + 1...end).map { ring[slot(of: $0)] }
    }

    private func slot(of id: Int64) -> Int { Int((id - first - 1) % Int64(capacity)) }
}
