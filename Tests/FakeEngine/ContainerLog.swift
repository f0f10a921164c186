import NIOCore

/// What a container has written, as the `json-file` driver keeps it; lines only.
struct ContainerLog {
    struct Line {
        let time: Int64
        let isError: Bool
        let text: String
    }

    private(set) var lines: [Line] = []

    mutating func append(_ line: Line) { lines.append(line) }
}

/// What a request wants of a container's log.
struct LogSelection {
    private let tail: Int?
    private let since: Int64?
    private let until: Int64?
    private let hasOutput: Bool
    private let hasErrors: Bool
    private let hasTimes: Bool
    let isFollowed: Bool

    init(_ request: EngineRequest) {
        tail = request["tail"].flatMap { Int($0) }
        since = request["since"].flatMap(nanoseconds)
        until = request["until"].flatMap(nanoseconds)
        hasOutput = request.isTrue("stdout")
        hasErrors = request.isTrue("stderr")
        hasTimes = request.isTrue("timestamps")
        isFollowed = request.isTrue("follow")
    }

    /// The frames of what is there; an engine takes the last lines before it selects times and streams.
    func frames(of log: ContainerLog) -> ByteBuffer {
        var frames = ByteBuffer()
        for line in log.lines.suffix(tail ?? .max) { write(line, to: &frames) }
        return frames
    }

    func frame(of line: ContainerLog.Line) -> ByteBuffer {
        var frame = ByteBuffer()
        write(line, to: &frame)
        return frame
    }

    private func write(_ line: ContainerLog.Line, to frames: inout ByteBuffer) {
        guard line.isError ? hasErrors : hasOutput, since.map({ $0 <= line.time }) ?? true,
            until.map({ line.time <= $0 }) ?? true
        else { return }
        let text = (hasTimes ? engineTime(line.time) + " " : "") + line.text + "\n"
        frames.writeInteger(UInt32(line.isError ? 0x0200_0000 : 0x0100_0000))
        frames.writeInteger(UInt32(text.utf8.count))
        frames.writeString(text)
    }
}

/// Reads seconds since 1970, with up to nine fractional digits.
private func nanoseconds(_ text: String) -> Int64? {
    let parts = text.split(separator: ".", maxSplits: 1)
    guard let seconds = parts.first.flatMap({ Int64($0) }) else { return nil }
    let digits = parts.count == 2 ? String(parts[1].prefix(9)) : ""
    return Int64(digits + String(repeating: "0", count: 9 - digits.count)).map { seconds * 1_000_000_000 + $0 }
}
