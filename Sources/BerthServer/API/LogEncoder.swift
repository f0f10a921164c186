import Berth
import BerthAPI
import DockerEngine
import Foundation
import JSON
import NIOCore

/// The form in which a client wants a log.
enum RunLogFormat: Equatable {
    case text
    /// NDJSON: an object per line.
    case lines
    /// Server-sent events with the same objects, and ids by which a client resumes.
    case events

    /// - Parameter accept: the header; without a known type in it, the log is text.
    init(accept: String?) {
        let types = (accept ?? "").split(separator: ",").map { type in
            type.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        }
        self = types.contains("application/x-ndjson") ? .lines : types.contains("text/event-stream") ? .events : .text
    }

    var mediaType: String {
        switch self {
        case .text: "text/plain; charset=utf-8"
        case .lines: "application/x-ndjson"
        case .events: "text/event-stream"
        }
    }
}

/// The place of a record in a log: its time, and its number among the records of that time.
struct LogPosition: Equatable, CustomStringConvertible {
    let time: LogTime
    var number = 0

    init(time: LogTime) { self.time = time }

    /// Nil for an id that was never sent.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let time = Int64(parts[0]), time >= 0, let number = Int(parts[1]), number >= 0 else {
            return nil
        }
        self.time = LogTime(nanoseconds: time)
        self.number = number
    }

    var description: String { "\(time.nanoseconds)-\(number)" }
}

/// Writes the items of a log in the form that the client wants.
struct LogEncoder {
    private let format: RunLogFormat
    private let hasTimes: Bool
    /// The record after which the client resumes.
    private let resumed: LogPosition?
    private var position: LogPosition?
    /// Whether the last record of a stream was a part of a line, by its stream.
    private var isWithinLine: [LogChunk.Stream: Bool] = [:]

    init(format: RunLogFormat, hasTimes: Bool, resumed: LogPosition? = nil) {
        self.format = format
        self.hasTimes = hasTimes
        self.resumed = resumed
    }

    /// Without items, only a comment of an event stream: proxies close quiet connections.
    mutating func write(_ items: [LogItem], to buffer: inout ByteBuffer) {
        if items.isEmpty, format == .events { buffer.writeStaticString(":\n\n") }
        for item in items { write(item, to: &buffer) }
    }

    private mutating func write(_ item: LogItem, to buffer: inout ByteBuffer) {
        switch item {
        case .record(let record): write(record, to: &buffer)
        case .gap: write(notice: "gap", to: &buffer)
        case .restarted: write(notice: "restarted", to: &buffer)
        case .lagged: write(notice: "lagged", to: &buffer)
        }
    }

    private mutating func write(_ record: LogRecord, to buffer: inout ByteBuffer) {
        switch format {
        case .text:
            if hasTimes, isWithinLine[record.stream] != true { buffer.writeString("\(record.time) ") }
            isWithinLine[record.stream] = record.isPartial
            buffer.writeImmutableBuffer(record.message)
            if !record.isPartial { buffer.writeInteger(UInt8(ascii: "\n")) }
        case .lines:
            buffer.write(line: LogJSON(record).json)
        case .events:
            var position = LogPosition(time: record.time)
            if let last = self.position, last.time == record.time { position.number = last.number + 1 }
            let isFirst = self.position == nil
            self.position = position
            if let resumed, position.time == resumed.time, position.number <= resumed.number { return }
            if let resumed, isFirst, position.time > resumed.time { write(notice: "gap", to: &buffer) }
            buffer.writeString("id: \(position)\n")
            buffer.write(event: "log", data: LogJSON(record).json)
        }
    }

    /// Text has no place for notices.
    private func write(notice: String, to buffer: inout ByteBuffer) {
        var json = LogJSON()
        json.event = notice
        switch format {
        case .text: break
        case .lines: buffer.write(line: json.json)
        case .events: buffer.write(event: "log", data: json.json)
        }
    }
}

extension LogJSON {
    init(_ record: LogRecord) {
        self.init()
        time = record.time.description
        stream = record.stream.name
        (message, encoding) = textOrBase64(record.message)
        if record.isPartial { isPartial = true }
    }
}

extension LogChunk.Stream {
    var name: String { self == .stdout ? "stdout" : "stderr" }
}

/// The bytes as text, or, if they are not UTF-8, in base64 and the name of that encoding.
func textOrBase64(_ bytes: ByteBuffer) -> (text: String, encoding: String?) {
    if let text = String(validating: bytes.readableBytesView, as: UTF8.self) { return (text, nil) }
    return (Data(bytes.readableBytesView).base64EncodedString(), "base64")
}
