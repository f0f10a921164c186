import NIOCore

/// Drops every third line from a chunked answer; the rest is in chunks of one line each.
struct EventDropper {
    private var received = ByteBuffer()
    private var text = ByteBuffer()
    private var isPastHead = false
    private var lines = 0

    /// Replaces the received data by the filtered data.
    ///
    /// - Returns: how many lines got lost.
    mutating func pass(_ bytes: inout ByteBuffer) -> Int {
        received.writeBuffer(&bytes)
        bytes.clear()
        if !isPastHead {
            guard let head = received.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) else { return 0 }
            bytes.writeImmutableBuffer(received.readSlice(length: head.upperBound - received.readerIndex) ?? .init())
            isPastHead = true
        }
        var isOver = false
        while let chunk = nextChunk() {
            if chunk.readableBytes == 0 { isOver = true }
            text.writeImmutableBuffer(chunk)
        }
        let dropped = takeLines(into: &bytes)
        if isOver { bytes.writeString("0\r\n\r\n") }
        return dropped
    }

    /// The next whole chunk's content; nil until it has arrived.
    private mutating func nextChunk() -> ByteBuffer? {
        let view = received.readableBytesView
        guard let end = view.firstRange(of: Array("\r\n".utf8)),
            let size = Int(String(decoding: view[..<end.lowerBound], as: UTF8.self), radix: 16),
            view.endIndex >= end.upperBound + size + 2
        else { return nil }
        received.moveReaderIndex(to: end.upperBound)
        defer { received.moveReaderIndex(forwardBy: 2) }
        return received.readSlice(length: size)
    }

    private mutating func takeLines(into bytes: inout ByteBuffer) -> Int {
        var dropped = 0
        while let end = text.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
            let line = text.readSlice(length: end + 1 - text.readerIndex) ?? ByteBuffer()
            lines += 1
            if lines.isMultiple(of: 3) {
                dropped += 1
            } else {
                bytes.writeString(String(line.readableBytes, radix: 16) + "\r\n")
                bytes.writeImmutableBuffer(line)
                bytes.writeString("\r\n")
            }
        }
        return dropped
    }
}
