import SQL

extension Store {
    /// What is known of a request by its key.
    package enum Begun: Sendable, Equatable {
        /// Nothing, or that an earlier attempt was not answered: carry it out.
        case perform(IdempotentRequest)
        /// It was answered so; what the text means is the caller's to know.
        case answered(String)
        /// The principal has sent another request under this key.
        case otherRequest
    }

    /// Notes that a request under this key is about to be carried out, or finds what is known of it.
    ///
    /// - Parameters:
    ///   - principal: who sent it; a key of one is nothing to another.
    ///   - fingerprint: tells requests apart.
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
            var generator = SystemRandomNumberGenerator()
            let operation = randomBase32(count: 26, using: &generator)
            try connection.insert(
                into: .idempotencyKeys,
                [
                    .init("principal", .text(principal)), .init("idempotency_key", .text(key)),
                    .init("fingerprint", .text(fingerprint)),
                    .init("operation", .text(operation)), .init("created_at", .time(now)),
                ]
            )
            return .perform(IdempotentRequest(id: operation, isRepeated: false))
        }
    }

    /// Keeps the first answer to the request; a repetition is answered by it.
    package func finish(_ operation: IdempotentRequest, with answer: String) async throws {
        try await database.write { connection in
            try connection.update(
                .idempotencyKeys,
                [.init("answer", .text(answer))],
                where: "operation = ? AND answer IS NULL",
                [.text(operation.id)]
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
