package import JSON

/// A part of a command's output, its end, or a notice.
package struct ExecOutputJSON: JSONRecord {
    package var stream: String?
    /// What the command has written; in any parts, not in lines.
    package var data: String?
    /// `base64` if the data is not UTF-8.
    package var encoding: String?
    /// The last object; nil if it is another, like all of these.
    package var exitCode: Int?
    /// The last object, if the exit code is not known.
    package var error: ProblemJSON?
    /// A notice: `gap`, where output is no longer there, or `detached`, if the session ended before its command.
    package var event: String?

    package init() {}

    package static let fields: [JSONField<ExecOutputJSON>] = [
        .init("stream", \.stream, .word(of: ["stdout", "stderr"]), isOmitted: true),
        .init("data", \.data, .string(length: 0 ... .max), isOmitted: true),
        .init("encoding", \.encoding, .word(of: ["base64"]), isOmitted: true),
        .init("exit_code", \.exitCode, .integer(), isOmitted: true),
        .init("error", \.error, ProblemJSON.decoder, isOmitted: true),
        .init("event", \.event, .word(of: ["gap", "detached"]), isOmitted: true),
    ]
}

/// A command whose input and output belong to a client, over several requests.
package struct ExecSessionJSON: JSONRecord {
    package var id = ""
    package var run = ""
    package var state = ""
    /// Nil unless the command has exited.
    package var exitCode: Int?

    package init() {}

    package static let fields: [JSONField<ExecSessionJSON>] = [
        .init("id", \.id, .string()),
        .init("run", \.run, .string()),
        .init("state", \.state, .word(of: ["running", "exited", "failed", "detached"])),
        .init("exit_code", \.exitCode, .integer()),
    ]
}
