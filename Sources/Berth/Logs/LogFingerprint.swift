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
