package import NIOCore

/// A part of a container's output, as the engine split it: not a line.
package struct LogChunk: Sendable, Equatable {
    package let stream: Stream
    package let bytes: ByteBuffer
    /// Whether the log consists of frames.
    package let isFramed: Bool
    /// Whether a frame ends with these bytes; never without frames.
    package let endsFrame: Bool

    package init(stream: Stream, bytes: ByteBuffer, isFramed: Bool = true, endsFrame: Bool = false) {
        self.stream = stream
        self.bytes = bytes
        self.isFramed = isFramed
        self.endsFrame = endsFrame
    }

    package enum Stream: Sendable, Equatable {
        case stdout
        case stderr
    }
}

/// A decoder of a container's log.
///
/// Without TTY the log consists of frames: a type, three zero bytes, a big-endian length and that many bytes. With TTY
/// it is raw.
///
/// Source: "Stream format" under `POST /containers/{id}/attach` in the Engine API's reference. The bytes of a frame are
/// passed on as they arrive: the length in a header (up to 4 GiB) never determines how much memory is allocated.
package struct LogFrames: StreamDecoder {
    /// Nil before the first byte, if it is not known beforehand.
    private var isFramed: Bool?
    private var buffer = ByteBuffer()
    private var stream = LogChunk.Stream.stdout
    /// Bytes of the current frame that are still to come.
    private var remaining = 0

    /// - Parameter isFramed: nil if the log has times. Then it is known from its first byte, which is a digit without
    ///   frames, and the type of a frame otherwise.
    package init(isFramed: Bool?) { self.isFramed = isFramed }

    package mutating func append(_ bytes: ByteBuffer) {
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(bytes)
    }

    package mutating func next() throws(EngineError) -> LogChunk? {
        guard let first = buffer.readableBytesView.first else { return nil }
        let isFramed = self.isFramed ?? (first < UInt8(ascii: "0"))
        self.isFramed = isFramed
        while isFramed, remaining == 0 {
            guard try readHeader() else { return nil }
        }
        let count = isFramed ? min(remaining, buffer.readableBytes) : buffer.readableBytes
        guard count > 0, let bytes = buffer.readSlice(length: count) else { return nil }
        if isFramed { remaining -= count }
        return LogChunk(stream: stream, bytes: bytes, isFramed: isFramed, endsFrame: isFramed && remaining == 0)
    }

    package func finish() throws(EngineError) {
        guard remaining == 0, buffer.readableBytes == 0 else {
            throw .undecodable("the log ends in the middle of a frame")
        }
    }

    private mutating func readHeader() throws(EngineError) -> Bool {
        guard let (type, length) = buffer.peekMultipleIntegers(as: (UInt32, UInt32).self) else { return false }
        switch type {
        case 0x0000_0000, 0x0100_0000: stream = .stdout
        case 0x0200_0000: stream = .stderr
        case 0x0300_0000: throw .undecodable("the engine reported an error in the log")
        default: throw .undecodable("the log has invalid frames")
        }
        buffer.moveReaderIndex(forwardBy: 8)
        remaining = Int(length)
        return true
    }
}
