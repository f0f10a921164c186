/// What a stub engine sends back: raw bytes, whether or not they are HTTP.
struct StubAnswer: Sendable {
    enum Ending: Sendable {
        /// The connection stays open, and silent.
        case open
        case closed
        /// These bytes repeatedly, until the client disconnects.
        case endless([UInt8])
    }

    var pieces: [[UInt8]] = []
    /// The pause before each piece.
    var pause = Duration.zero
    var ending = Ending.open

    static let hang = StubAnswer()
    static let close = StubAnswer(ending: .closed)

    static func raw(_ text: String, then ending: Ending = .open) -> StubAnswer {
        StubAnswer(pieces: [Array(text.utf8)], ending: ending)
    }

    /// A complete answer of known length.
    static func http(_ status: Int, headers: [String] = [], body: [UInt8]) -> StubAnswer {
        let head = (["HTTP/1.1 \(status) X", "Content-Length: \(body.count)"] + headers).joined(separator: "\r\n")
        return StubAnswer(pieces: [Array((head + "\r\n\r\n").utf8) + body])
    }

    static func http(_ status: Int, headers: [String] = [], body: String = "") -> StubAnswer {
        http(status, headers: headers, body: Array(body.utf8))
    }

    /// A stream in chunks, one per piece.
    static func chunked(_ pieces: [[UInt8]], pause: Duration = .zero, ends: Bool = true) -> StubAnswer {
        let end = ends ? [Array("0\r\n\r\n".utf8)] : []
        return StubAnswer(pieces: [chunkedHead] + pieces.map(chunk) + end, pause: pause)
    }

    static func chunked(_ pieces: [String], pause: Duration = .zero, ends: Bool = true) -> StubAnswer {
        chunked(pieces.map { Array($0.utf8) }, pause: pause, ends: ends)
    }

    /// A stream in chunks that begins with `start` and then repeats one piece.
    static func endlessChunks(status: Int = 200, start: String = "", of piece: [UInt8]) -> StubAnswer {
        let head = Array("HTTP/1.1 \(status) X\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        let first = start.isEmpty ? [] : chunk(Array(start.utf8))
        return StubAnswer(pieces: [head + first], ending: .endless(chunk(piece)))
    }

    private static let chunkedHead = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)

    private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8)
    }
}
