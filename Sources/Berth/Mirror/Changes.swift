/// Something that happened, for those who follow.
package struct Change: Sendable {
    /// Grows with each change, also over restarts of the server.
    package let id: Int64
    package let subject: Subject

    package enum Subject: Sendable {
        /// A run came or changed: itself, and as it is shown since.
        case run(Run, RunView)
        /// Its record is gone.
        case runDeleted(Run)
        case app(App)
        case appDeleted(AppName)
        /// What is known of the host has changed; ask what it is now.
        case host(HostName)
    }
}

/// The last changes, as many as fit, in order.
struct ChangeLog {
    private let capacity: Int
    /// A ring; the change with the number `n` stands at `n` modulo the capacity.
    private var ring: [Change] = []
    private let first: Int64
    /// Of the newest change, or of what was before the first.
    private(set) var last: Int64

    /// - Parameter start: how often the server has been started, this time included.
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

    /// At most `limit` changes after the one with this id; nil where some of them are not known any more.
    func changes(after id: Int64, limit: Int) -> [Change]? {
        guard id <= last, id >= last - Int64(ring.count), id >= first else { return nil }
        let end = min(last, id + Int64(limit))
        return id == end ? [] : (id + 1...end).map { ring[slot(of: $0)] }
    }

    private func slot(of id: Int64) -> Int { Int((id - first - 1) % Int64(capacity)) }
}
