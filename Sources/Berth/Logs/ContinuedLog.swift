import DockerEngine

/// The output of a container, read by one stream of its engine after another.
///
/// A new stream begins with what was read last. Within a stream an engine may jump back, such as when it rotates files.
/// A record that was read before is left out; output may be missing before a new one where the log does not go on.
///
/// Pure: no I/O, no clock.
struct ContinuedLog {
    /// At least so many of the last records are recognized.
    private static let limit = 1024

    private var recent: [LogFingerprint] = []
    /// How often each recent record was read.
    private var counts: [LogFingerprint: Int] = [:]
    /// How often each recent record was read again, while repeats are expected; nil otherwise: the parts of a long line
    /// may be alike.
    private var repeats: [LogFingerprint: Int]?
    /// No repeat is later.
    private var latest = LogTime(nanoseconds: 0)
    private var lastTimes: [LogChunk.Stream: LogTime] = [:]
    /// The times of lines of which parts were read, and not the end.
    private var openLines: [LogChunk.Stream: LogTime] = [:]
    /// Whether output may be missing before the next record, if it is new.
    private var mayHaveGap = false

    /// From where a new stream has to begin; nil if nothing was read.
    ///
    /// All parts of a line have the time of its first one.
    var restart: LogTime? {
        guard let last = recent.last?.time else { return nil }
        return openLines.values.reduce(last) { min($0, $1) }
    }

    /// The next record is the first one of a new stream.
    mutating func beginStream() {
        lastTimes = [:]
        expectRepeats()
    }

    private mutating func expectRepeats() {
        guard !recent.isEmpty else { return }
        repeats = [:]
        mayHaveGap = true
    }

    /// The next items for readers; none for a record that was read before.
    mutating func add(_ record: LogRecord) -> [LogItem] {
        // The records of both streams may be out of order by some microseconds.
        if let last = lastTimes[record.stream], record.time < last { expectRepeats() }
        lastTimes[record.stream] = record.time
        if record.time > latest { (latest, repeats) = (record.time, nil) }
        defer { mayHaveGap = false }
        let fingerprint = LogFingerprint(record)
        let count = counts[fingerprint] ?? 0
        if repeats != nil, count > 0 {
            let again = (repeats?[fingerprint] ?? 0) + 1
            repeats?[fingerprint] = again
            if again <= count { return [] }
        }
        remember(fingerprint)
        openLines[record.stream] = record.isPartial ? record.time : nil
        return (mayHaveGap ? [.gap] : []) + [.record(record)]
    }

    private mutating func remember(_ fingerprint: LogFingerprint) {
        recent.append(fingerprint)
        counts[fingerprint, default: 0] += 1
        if repeats != nil { repeats?[fingerprint] = counts[fingerprint] }
        // Many at once, so that removing from the front costs little per record.
        guard recent.count > 2 * Self.limit else { return }
        for old in recent.prefix(Self.limit) {
            let count = (counts[old] ?? 1) - 1
            counts[old] = count > 0 ? count : nil
            if let again = repeats?[old] { repeats?[old] = count > 0 ? min(again, count) : nil }
        }
        recent.removeFirst(Self.limit)
    }
}
