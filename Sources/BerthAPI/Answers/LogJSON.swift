package import JSON

/// A message of a run's output, or a notice in its place.
package struct LogJSON: JSONRecord {
    /// The name of the run; nil in the output of one run, and for a notice about runs that are left out.
    package var run: String?
    /// When the engine received it: RFC 3339 with nanoseconds.
    ///
    /// Nil for a notice, like all below but ``event``.
    package var time: String?
    package var stream: String?
    /// Without its newline.
    package var message: String?
    /// `base64` if the message is not UTF-8.
    package var encoding: String?
    /// Whether the line goes on in the next message of its stream.
    package var isPartial: Bool?
    /// A notice: `gap`, `restarted`, `lagged` or `unavailable`.
    package var event: String?
    /// With `lagged`: how many messages were skipped, if that is known.
    package var skipped: Int?

    package init() {}

    package static let fields: [JSONField<LogJSON>] = [
        .init("run", \.run, .string(), isOmitted: true),
        .init("time", \.time, .time, isOmitted: true),
        .init("stream", \.stream, .word(of: ["stdout", "stderr"]), isOmitted: true),
        .init("message", \.message, .string(length: 0 ... .max), isOmitted: true),
        .init("partial", \.isPartial, .boolean, isOmitted: true),
        .init("encoding", \.encoding, .word(of: ["base64"]), isOmitted: true),
        .init("event", \.event, .word(of: ["gap", "restarted", "lagged", "unavailable"]), isOmitted: true),
        .init("skipped", \.skipped, .integer(in: 1 ... .max), isOmitted: true),
    ]
}
