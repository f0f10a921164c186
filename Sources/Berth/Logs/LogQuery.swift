package import DockerEngine

/// What a reader wants of a log.
package struct LogQuery: Sendable {
    /// Whether to go on with new output until the container has ended.
    package var follow = false
    /// How many of the last lines to begin with; nil for all.
    package var tail: Int?
    package var since: LogTime?
    package var until: LogTime?
    package var streams: Set<LogChunk.Stream> = [.stdout, .stderr]

    package init(tail: Int? = nil) { self.tail = tail }

    /// Whether no new output can be asked for.
    func isPast(at now: Timestamp) -> Bool { until.map { $0 < LogTime(now) } ?? false }

    /// Whether it asks for a record, apart from ``tail``.
    func includes(_ record: LogRecord) -> Bool {
        streams.contains(record.stream) && since.map { $0 <= record.time } ?? true
            && until.map { record.time <= $0 } ?? true
    }

    /// Notices are always asked for.
    func includes(_ item: LogItem) -> Bool { if case .record(let record) = item { includes(record) } else { true } }
}
