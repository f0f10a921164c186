import JSON

/// A response as a client received it, stored for repetitions of its request.
package struct StoredAnswer: Sendable, Equatable {
    package let status: Int
    /// Names and values, alternating.
    package let headers: [[String]]
    package let body: String

    package init(status: Int, headers: [[String]], body: String) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The form in which it is stored.
    package var text: String {
        let json: JSONValue = ["body": .string(body), "headers": headers.json, "status": status.json]
        return json.text
    }

    /// - Throws: `FieldErrors`, or an error of the JSON reader.
    package init(text: String) throws {
        var reader = ObjectReader(try JSONReader.parse(Array(text.utf8)))
        let string = FieldDecoder<String>.string(length: 0 ... .max)
        let status = reader.required("status", .integer(in: 200...599))
        let headers = reader.required("headers", .list(of: .list(of: string, count: 2...2)))
        let body = reader.required("body", string)
        let found = try reader.finish(status, headers, body)
        self.init(status: found.0, headers: found.1, body: found.2)
    }
}
