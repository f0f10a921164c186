package import JSON

/// A row of the audit log: a request that has changed something, has tried to, or was refused.
package struct AuditRowJSON: JSONRecord {
    package var time = ""
    /// The name of the sender's token.
    package var actor = ""
    /// The id of an endpoint, `refusals` for several refused requests, or `none` for a path without a route.
    package var action = ""
    /// What the request names, such as `app web`.
    package var target = ""
    /// `ok`, `denied` or `failed`.
    package var result = ""
    /// The code of the problem, or `replayed`; nil for other successes.
    package var code: String?
    package var requestID = ""
    /// The sender's.
    package var address = ""

    package init() {}

    package static let results = ["ok", "denied", "failed"]

    package static let fields: [JSONField<AuditRowJSON>] = [
        .init("time", \.time, .time),
        .init("actor", \.actor, .string()),
        .init("action", \.action, .string()),
        .init("target", \.target, .string()),
        .init("result", \.result, .word(of: results)),
        .init("code", \.code, .string()),
        .init("request_id", \.requestID, .string()),
        .init("address", \.address, .string()),
    ]
}
