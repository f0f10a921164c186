/// Joins the history of a log with new output that begins before the end of the history or right after it.
///
/// Pure: no I/O, no clock.
struct LogJoin {
    /// The last record of the history, and how often it was read in a row: the parts of a long line may be alike.
    private var last: LogFingerprint?
    private var count = 0
    /// How often the last record of the history is still to come; what follows it is new.
    private var repeats = 0
    /// What to report if it never comes; nil if it must.
    private var notice: LogItem?

    /// Adds a record of the history.
    mutating func add(_ record: LogRecord) {
        let next = LogFingerprint(record)
        count = next == last ? count + 1 : 1
        last = next
    }

    /// The history is complete.
    ///
    /// - Parameter before: the new output that came before the history was read.
    mutating func finish(after before: [LogItem]) {
        guard let last else { return }
        repeats =
            count
            - before.count { item in
                if case .record(let record) = item { LogFingerprint(record) == last } else { false }
            }
        // New output begins with only the last one of those that are alike.
        if count > 1 { notice = .gap }
    }

    /// What is new of the next item of the new output.
    mutating func next(_ item: LogItem) -> [LogItem] {
        guard repeats > 0 else { return [item] }
        switch item {
        case .record(let record):
            let fingerprint = LogFingerprint(record)
            if fingerprint == last {
                repeats -= 1
                return []
            }
            guard let notice, let last, record.time > last.time else { return [] }
            repeats = 0
            return [notice, item]
        case .gap:
            notice = .gap
            return []
        case .lagged:
            // Some of what was skipped is in the history.
            notice = .lagged(skipped: nil)
            return []
        case .restarted, .unavailable: return [item]
        }
    }
}
