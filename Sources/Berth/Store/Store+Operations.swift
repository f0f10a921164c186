import SQL

extension Store {
    /// What is known about a request with a given key.
    package enum Begun: Sendable, Equatable {
        /// The key is new, or an earlier attempt got no response: perform the request.
        case perform(IdempotentRequest)
        /// The request got this response; the caller knows its format.
        case answered(String)
        /// The principal has sent another request under this key.
        case otherRequest
    }

    /// Records that a request with this key is about to be performed, or returns what is known about it.
    ///
    /// - Parameters:
    ///   - principal: the sender; keys of different principals are independent.
    ///   - fingerprint: distinguishes different requests.
    package func begin(
        key: String,
        of principal: String,
        fingerprint: String,
        at now: Timestamp
    ) async throws -> Begun {
        let isKey = "principal = ? AND idempotency_key = ?"
        return try await database.write { connection in
            let known = try connection.rows(
                "SELECT \(SQLTable.idempotencyKeys.selection) FROM idempotency_keys WHERE \(isKey)",
                [.text(principal), .text(key)]
            ).first
            if let known, try known.time("created_at") >= now.before(Self.keyLifetime) {
                guard try known.text("fingerprint") == fingerprint else { return .otherRequest }
                if let answer = try known.optionalText("answer") { return .answered(answer) }
                return .perform(IdempotentRequest(id: try known.text("operation"), isRepeated: true))
            }
            try connection.run("DELETE FROM idempotency_keys WHERE \(isKey)", [.text(principal), .text(key)])
            let operation = randomBase32(count: 26)
            try connection.insert(
                into: .idempotencyKeys,
                [
                    ("principal", .text(principal)), ("idempotency_key", .text(key)),
                    ("fingerprint", .text(fingerprint)),
                    ("operation", .text(operation)), ("created_at", .time(now)),
                ]
            )
            return .perform(IdempotentRequest(id: operation, isRepeated: false))
        }
    }

    /// Stores the first response to the request; a repetition gets the same one.
    package func finish(_ operation: IdempotentRequest, with answer: String) async throws {
        try await database.write { connection in
            try connection.update(
                .idempotencyKeys,
                [("answer", .text(answer))],
                where: "operation = ? AND answer IS NULL",
                [.text(operation.id)]
            )
        }
    }

    /// Deletes a request that was rejected before it had any effect, so that the key is free again.
    package func forget(_ operation: IdempotentRequest) async throws {
        try await database.writeEvenIfFull { connection in
            try connection.run("DELETE FROM idempotency_keys WHERE operation = ?", [.text(operation.id)])
        }
    }

    /// Deletes expired keys.
    func forgetKeys(at now: Timestamp) async throws {
        try await database.writeEvenIfFull { connection in
            try connection.run(
                "DELETE FROM idempotency_keys WHERE created_at < ?",
                [.time(now.before(Self.keyLifetime))]
            )
        }
    }

    /// How long a key is valid.
    static let keyLifetime = Duration.seconds(24 * 3600)
}
