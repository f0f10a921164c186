/// The last output of several runs, merged by time.
///
/// Pure: no I/O, no clock.
struct MergedLog {
    private struct Entry {
        let time: LogTime
        let run: Int
        let item: AppLogItem
    }

    /// How many records it has at most.
    static let maximumRecords = 50_000

    private let tail: Int?
    private let limit: Int
    private var entries: [Entry] = []
    private var runs = 0
    private var isCut = false

    /// - Parameter tail: how many of the last records are wanted; nil for all.
    init(tail: Int?) {
        self.tail = tail
        limit = min(tail ?? Self.maximumRecords, Self.maximumRecords)
    }

    /// Adds the output of a run, in its own order, also if its times jump back.
    ///
    /// - Parameter position: what came up to it is left out.
    mutating func add(_ log: KeptLog, of run: RunName, after position: LogPosition? = nil) {
        // Records of that time may be missing at the beginning of an incomplete log: repeat some rather than lose some.
        var cursor = LogCursor(after: log.isComplete ? position : nil)
        var latest = log.records.first?.time ?? LogTime(nanoseconds: 0)
        if !log.isComplete { entries.append(Entry(time: latest, run: runs, item: AppLogItem(.gap, of: run))) }
        for record in log.records {
            latest = max(latest, record.time)
            guard let position = cursor.next(record) else { continue }
            entries.append(Entry(time: latest, run: runs, item: AppLogItem(.record(record), of: run, at: position)))
        }
        runs += 1
        // Not after each run, as it sorts them all.
        if entries.count > 2 * limit + 4096 { cut() }
    }

    /// The last records, oldest first, with a notice where output is missing between or before them.
    mutating func takeItems() -> [AppLogItem] {
        cut()
        defer { entries = [] }
        // Who asks for no more than this misses nothing.
        let isMissing = isCut && limit < tail ?? .max
        return (isMissing ? [AppLogItem(.gap, of: nil)] : []) + entries.map(\.item)
    }

    private mutating func cut() {
        // The sort is stable, so that the records of a run stay in their order.
        entries.sort { ($0.time, $0.run) < ($1.time, $1.run) }
        var start = entries.endIndex
        var count = 0
        while start > 0, count < limit {
            start -= 1
            if entries[start].item.position != nil { count += 1 }
        }
        guard count == limit, start > 0 else { return }
        entries.removeFirst(start)
        isCut = true
    }
}
