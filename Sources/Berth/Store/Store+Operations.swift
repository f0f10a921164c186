import JSON

extension Store {
    /// What is known of a request by its key.
    package enum Begun: Sendable, Equatable {
        /// Nothing, or that an earlier attempt was not answered: carry it out.
        case perform(IdempotentRequest)
        /// It was answered so.
        case answered(StoredAnswer)
        /// The key belongs to another request.
        case otherRequest
    }

    /// Notes that a request under this key is about to be carried out, or finds what is known of it.
    ///
    /// - Parameter fingerprint: tells requests apart.
    package func begin(key: String, fingerprint: String, at now: Timestamp) async throws -> Begun {
        try await database.write { connection in
            let known = try connection.rows(
                "SELECT fingerprint, operation, answer, created_at FROM idempotency_keys WHERE idempotency_key = ?",
                [.text(key)]
            ).first
            if let known, try known.time(3) >= now.before(Self.keyLifetime) {
                guard try known.text(0) == fingerprint else { return .otherRequest }
                if let answer = try known.optionalText(2) { return .answered(try StoredAnswer(answer)) }
                return .perform(IdempotentRequest(id: try known.text(1), isRepeated: true))
            }
            try connection.run("DELETE FROM idempotency_keys WHERE idempotency_key = ?", [.text(key)])
            var generator = SystemRandomNumberGenerator()
            let operation = randomBase32(count: 26, using: &generator)
            try connection.run(
                "INSERT INTO idempotency_keys (idempotency_key, fingerprint, operation, created_at) VALUES (?, ?, ?, ?)",
                [.text(key), .text(fingerprint), .text(operation), .time(now)]
            )
            return .perform(IdempotentRequest(id: operation, isRepeated: false))
        }
    }

    /// Keeps the first answer to the request; a repetition is answered by it.
    package func finish(_ operation: IdempotentRequest, with answer: StoredAnswer) async throws {
        let text = answer.json.text
        try await database.write { connection in
            try connection.run(
                "UPDATE idempotency_keys SET answer = ? WHERE operation = ? AND answer IS NULL",
                [.text(text), .text(operation.id)]
            )
        }
    }

    /// Forgets a request that was refused before any of it was done, so that the key is free again.
    package func forget(_ operation: IdempotentRequest) async throws {
        try await database.writeEvenIfFull { connection in
            try connection.run("DELETE FROM idempotency_keys WHERE operation = ?", [.text(operation.id)])
        }
    }

    /// Forgets the keys whose time is over.
    func forgetKeys(at now: Timestamp) async throws {
        try await database.writeEvenIfFull { connection in
            try connection.run(
                "DELETE FROM idempotency_keys WHERE created_at < ?",
                [.time(now.before(Self.keyLifetime))]
            )
        }
    }

    /// How long a key holds.
    static let keyLifetime = Duration.seconds(24 * 3600)
}

/// An answer as a client has seen it.
package struct StoredAnswer: Sendable, Equatable {
    package let status: Int
    /// Names and values in turn.
    package let headers: [[String]]
    package let body: String

    package init(status: Int, headers: [[String]], body: String) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    fileprivate var json: JSONValue {
        ["body": .string(body), "headers": headers.json, "status": status.json]
    }

    /// - Throws: ``StoreError/damaged(_:)``.
    init(_ text: String) throws {
        self = try storedValue(from: text, "an answer") { json throws(FieldErrors) in
            var reader = ObjectReader(json)
            let text = FieldDecoder<String>.string(length: 0 ... .max)
            let status = reader.required("status", .integer(in: 200...599))
            let headers = reader.required("headers", .list(of: .list(of: text, count: 2...2)))
            let body = reader.required("body", text)
            let found = try reader.finish(status, headers, body)
            return StoredAnswer(status: found.0, headers: found.1, body: found.2)
        }
    }
}
