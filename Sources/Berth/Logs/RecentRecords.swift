import DockerEngine
import NIOCore

/// What identifies a record where two readings of a log overlap, without its message.
struct LogFingerprint: Hashable, Sendable {
    let time: LogTime
    private let stream: LogChunk.Stream
    private let isPartial: Bool
    private let length: Int
    private let hash: Int

    init(_ record: LogRecord) {
        time = record.time
        stream = record.stream
        isPartial = record.isPartial
        length = record.message.readableBytes
        var hasher = Hasher()
        record.message.withUnsafeReadableBytes { hasher.combine(bytes: $0) }
        hash = hasher.finalize()
    }
}

/// The last record that was read of a log, and how often it was read: the parts of a long line may be alike.
struct LastRecord {
    private(set) var fingerprint: LogFingerprint?
    private(set) var count = 0

    mutating func add(_ record: LogRecord) {
        let next = LogFingerprint(record)
        count = next == fingerprint ? count + 1 : 1
        fingerprint = next
    }
}

/// The last records that were read of a log, to skip them when it is read again.
struct RecentRecords {
    private static let limit = 1024

    private var fingerprints: [LogFingerprint] = []
    /// The times of lines of which parts were read, and not the end.
    private var openLines: [LogChunk.Stream: LogTime] = [:]

    mutating func add(_ record: LogRecord) {
        fingerprints.append(LogFingerprint(record))
        if fingerprints.count > 2 * Self.limit { fingerprints.removeFirst(Self.limit) }
        openLines[record.stream] = record.isPartial ? record.time : nil
    }

    var isEmpty: Bool { fingerprints.isEmpty }

    /// From where to read again: all parts of a line have the time of its first one.
    var restart: LogTime? {
        guard let last = fingerprints.last?.time else { return nil }
        return openLines.values.reduce(last) { min($0, $1) }
    }

    /// How often each of the last records was read.
    var counts: [LogFingerprint: Int] { fingerprints.reduce(into: [:]) { $0[$1, default: 0] += 1 } }
}
