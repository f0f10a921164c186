package import JSON

/// A message of a run's output, or a notice in its place.
package struct LogJSON: JSONRecord {
    /// When the engine received it: RFC 3339 with nanoseconds.
    ///
    /// Nil for a notice, like all below.
    package var time: String?
    package var stream: String?
    /// Without its newline.
    package var message: String?
    /// `base64` if the message is not UTF-8.
    package var encoding: String?
    /// Whether the line goes on in the next message of its stream.
    package var isPartial: Bool?
    /// A notice: `gap`, `restarted` or `lagged`.
    package var event: String?

    package init() {}

    package static let fields: [JSONField<LogJSON>] = [
        .init("time", \.time, .time, isOmitted: true),
        .init("stream", \.stream, .word(of: ["stdout", "stderr"]), isOmitted: true),
        .init("message", \.message, .string(length: 0 ... .max), isOmitted: true),
        .init("partial", \.isPartial, .boolean, isOmitted: true),
        .init("encoding", \.encoding, .word(of: ["base64"]), isOmitted: true),
        .init("event", \.event, .word(of: ["gap", "restarted", "lagged"]), isOmitted: true),
    ]
}
