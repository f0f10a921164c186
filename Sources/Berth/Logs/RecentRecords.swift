import NIOCore

/// The last records that were seen, to recognize them where two readings of a log overlap.
struct RecentRecords {
    private static let limit = 1024

    private var records: [LogRecord] = []

    /// The latest time that was seen.
    private(set) var last: LogTime?

    mutating func add(_ new: some Collection<LogRecord>) {
        records += new.suffix(Self.limit)
        if records.count > 2 * Self.limit { records.removeFirst(records.count - Self.limit) }
        for record in new where last.map({ $0 < record.time }) ?? true { last = record.time }
    }

    func contains(_ record: LogRecord) -> Bool { records.contains { $0.time == record.time && $0 == record } }
}
