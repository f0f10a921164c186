package import JSON

/// The error form of every route: RFC 9457, with a stable `code` and each invalid field.
package struct ProblemJSON: JSONRecord {
    package static let mediaType = "application/problem+json"

    package var status = 0
    package var code = ""
    /// What is wrong, and what to do next.
    package var detail = ""
    package var requestID = ""
    /// Nil if the error is not about fields.
    package var errors: [FieldError]?

    package init() {}

    package static let fields: [JSONField<ProblemJSON>] = [
        .init("type", schema: ["type": "string"]) { .string("urn:berth:problem:\($0.code)") },
        .init("title", schema: ["type": "string"]) { .string($0.title) },
        .init("status", \.status, .integer()),
        .init("detail", \.detail, .string()),
        .init("code", \.code, .string()),
        .init("request_id", \.requestID, .string()),
        .init("errors", \.errors, .list(of: FieldError.decoder), isOmitted: true),
    ]

    /// The code in words.
    private var title: String {
        let words = code.split(separator: "_").joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}

extension FieldError: JSONRecord {
    package init() { self.init(pointer: "", detail: "") }

    package static let fields: [JSONField<FieldError>] = [
        .init("pointer", \.pointer, .string()),
        .init("detail", \.detail, .string()),
    ]
}
