import DockerEngine
import Foundation
import NIOCore

/// The last part of a finished run's output, which outlives its container.
package struct KeptLog: Sendable, Equatable {
    private(set) var records: [LogRecord] = []
    /// Whether it has the output from its beginning.
    private(set) var isComplete = true

    /// In bytes of the messages and their newlines.
    static let limit = 64 << 10
    /// An engine is asked for so many of the last lines.
    static let maximumRecords = 4096

    private var size = 0
    private var cursor = LogCursor()

    init() {}

    /// The position of the last record, also counting those that no longer fit.
    var last: LogPosition? { cursor.position }

    /// Adds a record, and forgets the oldest ones that no longer fit.
    mutating func add(_ record: LogRecord) {
        records.append(record)
        size += record.size
        _ = cursor.next(record)
        // Half at once, so that removing from the front costs little per record.
        if size > 2 * Self.limit || records.count > 2 * Self.maximumRecords { trim() }
    }

    /// Marks that output is missing.
    mutating func addGap() { isComplete = false }

    /// Cuts it to the limit, at the beginning of a line if it has one.
    mutating func trim() {
        var first = 0
        while first < records.count, size > Self.limit || records.count - first > Self.maximumRecords {
            size -= records[first].size
            first += 1
        }
        guard first > 0 else { return }
        var start = first
        var openLines = Set(records[..<first].map(\.stream).filter { isWithinLine($0, before: first) })
        while start < records.count, !openLines.isEmpty {
            if !records[start].isPartial { openLines.remove(records[start].stream) }
            start += 1
        }
        if start == records.count { start = first }
        records.removeFirst(start)
        size = records.reduce(0) { $0 + $1.size }
        isComplete = false
    }
}

extension KeptLog {
    /// The records that a query asks for, apart from its ``LogQuery/tail``.
    func selected(by query: LogQuery) -> KeptLog {
        var selected = KeptLog()
        // All that is asked for may be there, even if the beginning is not.
        let isFromLater = query.since.map { since in records.first.map { $0.time < since } ?? false } ?? false
        if !isComplete, !isFromLater { selected.addGap() }
        for record in records where query.includes(record) { selected.add(record) }
        return selected
    }

    private func isWithinLine(_ stream: LogChunk.Stream, before index: Int) -> Bool {
        records[..<index].last { $0.stream == stream }?.isPartial ?? false
    }
}

extension LogRecord {
    /// Also an empty part takes memory.
    fileprivate var size: Int { max(message.readableBytes + (isPartial ? 0 : 1), 1) }
}

// As text for the database: one line per record, with its time in nanoseconds, letters for its properties (`e` for
// standard error, `p` for a part, `b` for base64) and its message.
extension KeptLog {
    var stored: String {
        records.map { record in
            var properties = record.stream == .stdout ? "o" : "e"
            if record.isPartial { properties += "p" }
            let bytes = record.message.readableBytesView
            let text = String(validating: bytes, as: UTF8.self)
            guard let text, !bytes.contains(where: { $0 == 0 || $0 == UInt8(ascii: "\n") }) else {
                return "\(record.time.nanoseconds) \(properties)b \(Data(bytes).base64EncodedString())\n"
            }
            return "\(record.time.nanoseconds) \(properties) \(text)\n"
        }.joined()
    }

    /// Nil for a text that ``stored`` never is.
    package init?(stored text: String, isComplete: Bool) {
        self.isComplete = isComplete
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, let time = Int64(Substring(parts[0])), time >= 0, let stream = parts[1].first,
                stream == UInt8(ascii: "o") || stream == UInt8(ascii: "e")
            else { return nil }
            let properties = parts[1].dropFirst()
            var message = ByteBuffer(bytes: parts[2])
            if properties.contains(UInt8(ascii: "b")) {
                guard let data = Data(base64Encoded: String(Substring(parts[2]))) else { return nil }
                message = ByteBuffer(bytes: data)
            }
            add(
                LogRecord(
                    time: LogTime(nanoseconds: time),
                    stream: stream == UInt8(ascii: "o") ? .stdout : .stderr,
                    message: message,
                    isPartial: properties.contains(UInt8(ascii: "p"))
                )
            )
        }
    }
}
