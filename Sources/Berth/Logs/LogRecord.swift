package import DockerEngine
package import NIOCore

/// One message of a container's output, as its engine keeps it: a line, or a part of a long one.
package struct LogRecord: Sendable, Equatable {
    package let time: LogTime
    package let stream: LogChunk.Stream
    /// Without the newline; any bytes.
    package let message: ByteBuffer
    /// Whether the line goes on in the next record of its stream.
    package let isPartial: Bool

    init(time: LogTime, stream: LogChunk.Stream, message: ByteBuffer, isPartial: Bool) {
        self.time = time
        self.stream = stream
        // A buffer of its own, so that a record does not keep a larger one alive.
        self.message = ByteBuffer(bytes: message.readableBytesView)
        self.isPartial = isPartial
    }
}

/// What a reader of a log receives.
package enum LogItem: Sendable, Equatable {
    case record(LogRecord)
    /// Output may be missing here: the engine did not keep it.
    case gap
    /// The container was started again.
    case restarted
    /// Output is missing here: the reader was too slow for so many records; nil if their number is not known.
    case lagged(skipped: Int?)
    /// The output of a run cannot be read now, such as that on a host that cannot be reached.
    case unavailable

    package var isLagged: Bool { if case .lagged = self { true } else { false } }
}

/// Splits a container's output into records.
///
/// The engine is asked for times, which it puts before each message, with a space. Without TTY a message is a frame,
/// and a message without a newline is a part of a line. With TTY there are only lines; the engine keeps a long one in
/// parts of 16 KiB, each with a time.
///
/// Pure: no I/O, no clock.
struct LogLines {
    private struct Assembly {
        var bytes = ByteBuffer()
        /// The time of the message that is being read; nil before its beginning.
        var time: LogTime?
    }

    /// A longer message becomes several records, so that no engine can make the server keep more.
    private static let maximumMessage = 64 << 10
    /// The size of the parts in which engines keep long lines.
    private static let enginePart = 16 << 10
    /// A time is at most this long: nine fractional digits and an offset.
    private static let maximumTime = 40

    private var stdout = Assembly()
    private var stderr = Assembly()
    /// For a message without a time, which Docker does not send.
    private var lastTime = LogTime(nanoseconds: 0)

    /// The records that are complete with this chunk.
    mutating func append(_ chunk: LogChunk) -> [LogRecord] {
        var assembly = chunk.stream == .stdout ? stdout : stderr
        // Only one reference to the bytes may exist when they are changed.
        if chunk.stream == .stdout { stdout = Assembly() } else { stderr = Assembly() }
        assembly.bytes.writeImmutableBuffer(chunk.bytes)
        let records = chunk.isFramed ? frames(&assembly, chunk) : lines(&assembly)
        if assembly.bytes.readerIndex > 0 { assembly.bytes = ByteBuffer(bytes: assembly.bytes.readableBytesView) }
        if chunk.stream == .stdout { stdout = assembly } else { stderr = assembly }
        return records
    }

    /// The rest, when the log ends within a line.
    mutating func finish() -> [LogRecord] {
        var records: [LogRecord] = []
        for (stream, assembly) in [(LogChunk.Stream.stdout, stdout), (.stderr, stderr)]
        where assembly.bytes.readableBytes > 0 {
            var assembly = assembly
            let time = takeTime(&assembly)
            records.append(LogRecord(time: time, stream: stream, message: assembly.bytes, isPartial: true))
        }
        (stdout, stderr) = (Assembly(), Assembly())
        return records
    }

    private mutating func frames(_ assembly: inout Assembly, _ chunk: LogChunk) -> [LogRecord] {
        var records: [LogRecord] = []
        while chunk.endsFrame || assembly.bytes.readableBytes > Self.maximumMessage + Self.maximumTime {
            let time = takeTime(&assembly)
            let count = assembly.bytes.readableBytes
            if count > Self.maximumMessage, let message = assembly.bytes.readSlice(length: Self.maximumMessage) {
                records.append(LogRecord(time: time, stream: chunk.stream, message: message, isPartial: true))
                continue
            }
            guard chunk.endsFrame else { break }
            let endsLine = assembly.bytes.readableBytesView.last == UInt8(ascii: "\n")
            let message = assembly.bytes.readSlice(length: endsLine ? count - 1 : count) ?? ByteBuffer()
            assembly = Assembly()
            records.append(LogRecord(time: time, stream: chunk.stream, message: message, isPartial: !endsLine))
            break
        }
        return records
    }

    private mutating func lines(_ assembly: inout Assembly) -> [LogRecord] {
        var records: [LogRecord] = []
        while assembly.bytes.readableBytes > 0 {
            // The time of a part is complete only with the bytes after it.
            let view = assembly.bytes.readableBytesView
            let isTimeComplete =
                assembly.time != nil || view.count > Self.maximumTime || view.contains(UInt8(ascii: "\n"))
            guard isTimeComplete else { break }
            let time = takeTime(&assembly)
            let head = assembly.bytes.readableBytesView.prefix(Self.enginePart)
            if let end = head.firstIndex(of: UInt8(ascii: "\n")) {
                let message = assembly.bytes.readSlice(length: end - head.startIndex) ?? ByteBuffer()
                assembly.bytes.moveReaderIndex(forwardBy: 1)
                records.append(LogRecord(time: time, stream: .stdout, message: message, isPartial: false))
            } else if head.count == Self.enginePart, assembly.bytes.readableBytes > Self.enginePart {
                let message = assembly.bytes.readSlice(length: Self.enginePart) ?? ByteBuffer()
                // A newline alone ends the line; it is not a part of its own.
                if assembly.bytes.readableBytesView.first == UInt8(ascii: "\n") {
                    assembly.bytes.moveReaderIndex(forwardBy: 1)
                    records.append(LogRecord(time: time, stream: .stdout, message: message, isPartial: false))
                } else {
                    records.append(LogRecord(time: time, stream: .stdout, message: message, isPartial: true))
                }
            } else {
                break
            }
            assembly.time = nil
        }
        return records
    }

    /// Reads the time before a message, once per message.
    private mutating func takeTime(_ assembly: inout Assembly) -> LogTime {
        if let time = assembly.time { return time }
        let head = assembly.bytes.readableBytesView.prefix(Self.maximumTime)
        if let space = head.firstIndex(of: UInt8(ascii: " ")), let time = LogTime(rfc3339: Array(head[..<space])[...]),
            time.nanoseconds >= 0
        {
            assembly.bytes.moveReaderIndex(forwardBy: space - head.startIndex + 1)
            lastTime = time
        }
        assembly.time = lastTime
        return lastTime
    }
}
