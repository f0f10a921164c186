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

/// Writes the items of a log in the form that the client wants.
struct LogEncoder {
    private let format: RunLogFormat
    private let hasTimes: Bool
    /// The record after which the client resumes.
    private let resumed: LogPosition?
    private var position: LogPosition?
    /// Whether the last record of a stream was a part of a line, by its stream.
    private var isWithinLine: [LogChunk.Stream: Bool] = [:]
    /// The line of an app's text that is not finished yet.
    private var openLine: (run: RunName, stream: LogChunk.Stream)?

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

    /// Writes the output of an app's runs.
    mutating func write(_ items: [AppLogItem], to buffer: inout ByteBuffer) {
        if items.isEmpty, format == .events { buffer.writeStaticString(":\n\n") }
        for item in items { write(item, to: &buffer) }
    }

    private mutating func write(_ item: LogItem, to buffer: inout ByteBuffer) {
        guard case .record(let record) = item else { return write(notice: item, of: nil, to: &buffer) }
        write(record, to: &buffer)
    }

    private mutating func write(_ item: AppLogItem, to buffer: inout ByteBuffer) {
        guard case .record(let record) = item.item, let run = item.run else {
            return write(notice: item.item, of: item.run, to: &buffer)
        }
        guard format == .text else { return write(LogJSON(record, of: run), id: item.place, to: &buffer) }
        if let openLine, openLine != (run, record.stream) { buffer.writeInteger(UInt8(ascii: "\n")) }
        if openLine.map({ $0 != (run, record.stream) }) ?? true {
            buffer.writeString(hasTimes ? "\(run) \(record.time) " : "\(run) ")
        }
        openLine = record.isPartial ? (run, record.stream) : nil
        buffer.writeImmutableBuffer(record.message)
        if !record.isPartial { buffer.writeInteger(UInt8(ascii: "\n")) }
    }

    private mutating func write(_ record: LogRecord, to buffer: inout ByteBuffer) {
        switch format {
        case .text:
            if hasTimes, isWithinLine[record.stream] != true { buffer.writeString("\(record.time) ") }
            isWithinLine[record.stream] = record.isPartial
            buffer.writeImmutableBuffer(record.message)
            if !record.isPartial { buffer.writeInteger(UInt8(ascii: "\n")) }
        case .lines: write(LogJSON(record), to: &buffer)
        case .events:
            var position = LogPosition(time: record.time)
            if let last = self.position, last.time == record.time { position.number = last.number + 1 }
            let isFirst = self.position == nil
            self.position = position
            if let resumed, position.time == resumed.time, position.number <= resumed.number { return }
            if let resumed, isFirst, position.time > resumed.time { write(notice: .gap, of: nil, to: &buffer) }
            write(LogJSON(record), id: position, to: &buffer)
        }
    }

    /// Text has no place for notices.
    private func write(notice: LogItem, of run: RunName?, to buffer: inout ByteBuffer) {
        guard format != .text else { return }
        var json = LogJSON()
        json.run = run?.description
        json.event = notice.event
        if case .lagged(let skipped) = notice { json.skipped = skipped }
        write(json, to: &buffer)
    }

    private func write(
        _ json: LogJSON,
        id: (some CustomStringConvertible)? = nil as String?,
        to buffer: inout ByteBuffer
    ) {
        guard format == .events else { return buffer.write(line: json.json) }
        if let id { buffer.writeString("id: \(id)\n") }
        buffer.write(event: "log", data: json.json)
    }
}

extension LogItem {
    /// The word for a notice; nil for a record.
    fileprivate var event: String? {
        switch self {
        case .record: nil
        case .gap: "gap"
        case .restarted: "restarted"
        case .lagged: "lagged"
        case .unavailable: "unavailable"
        }
    }
}

extension LogJSON {
    /// - Parameter run: nil in the output of one run.
    init(_ record: LogRecord, of run: RunName? = nil) {
        self.init()
        self.run = run?.description
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
