package import JSON

/// An error as every route answers it: RFC 9457, with a stable `code` and each bad field.
package struct ProblemJSON: Sendable, Equatable {
    package static let mediaType = "application/problem+json"

    package let status: Int
    package let code: String
    /// What is the matter and what to do next.
    package let detail: String
    package let requestID: String
    package let errors: [FieldError]

    package init(status: Int, code: String, detail: String, requestID: String, errors: [FieldError]) {
        self.status = status
        self.code = code
        self.detail = detail
        self.requestID = requestID
        self.errors = errors
    }

    package var json: JSONValue {
        var object = JSONObject()
        object.set("type", to: .string("urn:berth:problem:\(code)"))
        object.set("title", to: .string(title))
        object.set("status", to: .number(JSONNumber(status)))
        object.set("detail", to: .string(detail))
        object.set("code", to: .string(code))
        object.set("request_id", to: .string(requestID))
        if !errors.isEmpty { object.set("errors", to: .array(errors.map(Self.json(of:)))) }
        return .object(object)
    }

    /// The code in words.
    private var title: String {
        let words = code.split(separator: "_").joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    private static func json(of error: FieldError) -> JSONValue {
        ["pointer": .string(error.pointer), "detail": .string(error.detail)]
    }
}
