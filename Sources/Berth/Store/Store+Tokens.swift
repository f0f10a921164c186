import JSON
import SQL

extension Store {
    /// All tokens, the oldest first.
    func tokens() async throws -> [AccessToken] {
        try await database.read { connection in
            try connection.rows("SELECT \(SQLTable.tokens.selection) FROM tokens ORDER BY created_at, id", [])
                .map(accessToken(from:))
        }
    }

    /// - Throws: `SQLError.uniqueViolation` when another token has that name.
    func add(_ token: AccessToken) async throws {
        try await database.write { connection in
            try connection.insert(
                into: .tokens,
                [
                    ("id", .text(token.id)), ("name", .text(token.principal.name)), ("hash", .text(token.hash.text)),
                    ("role", .text(token.principal.role.rawValue)), ("apps", .text(token.principal.scope.json.text)),
                    ("created_at", .time(token.createdAt)), ("created_by", .text(token.createdBy)),
                    ("expires_at", .time(token.expiresAt)),
                ]
            )
        }
    }

    /// Deletes a token with its sessions.
    func deleteToken(_ id: String) async throws {
        try await database.writeEvenIfFull { connection in
            try connection.run("DELETE FROM sessions WHERE token = ?", [.text(id)])
            try connection.run("DELETE FROM tokens WHERE id = ?", [.text(id)])
        }
    }

    func recordUse(of tokens: [String: Timestamp]) async throws {
        try await database.write { connection in
            for (id, time) in tokens {
                try connection.update(.tokens, [("last_used_at", .time(time))], where: "id = ?", [.text(id)])
            }
        }
    }
}

// Sessions of browsers.
extension Store {
    /// Checks that all tokens and sessions have values that Berth writes.
    package func checkTokens() async throws {
        _ = try await tokens()
        _ = try await browserSessions()
    }

    /// The token and the end of each session, by the hash of its text.
    func browserSessions() async throws -> [TokenHash: BrowserSession] {
        try await database.read { connection in
            let rows = try connection.rows("SELECT \(SQLTable.sessions.selection) FROM sessions", [])
            return try rows.reduce(into: [:]) { sessions, row in
                sessions[try tokenHash(from: row)] = BrowserSession(
                    token: try row.text("token"),
                    expiresAt: try row.time("expires_at")
                )
            }
        }
    }

    /// - Throws: `SQLError.foreignKeyViolation` when the token was deleted.
    func add(_ session: BrowserSession, _ hash: TokenHash, at now: Timestamp) async throws {
        try await database.write { connection in
            try connection.run("DELETE FROM sessions WHERE expires_at < ?", [.time(now)])
            try connection.insert(
                into: .sessions,
                [
                    ("hash", .text(hash.text)), ("token", .text(session.token)), ("created_at", .time(now)),
                    ("expires_at", .time(session.expiresAt)),
                ]
            )
        }
    }

    func deleteSession(_ hash: TokenHash) async throws {
        try await database.writeEvenIfFull { connection in
            try connection.run("DELETE FROM sessions WHERE hash = ?", [.text(hash.text)])
        }
    }
}

private func accessToken(from row: SQLRow) throws -> AccessToken {
    guard let role = Role(rawValue: try row.text("role")) else {
        throw SQLError.damaged("a token has an unknown role")
    }
    let scope = try storedValue(from: row.text("apps"), "the apps of a token") { json throws(FieldErrors) in
        try FieldDecoder.appScope.read(json, .root)
    }
    return AccessToken(
        principal: Principal(id: try row.text("id"), name: try row.text("name"), role: role, scope: scope),
        hash: try tokenHash(from: row),
        createdAt: try row.time("created_at"),
        createdBy: try row.text("created_by"),
        expiresAt: try row.optionalTime("expires_at"),
        lastUsedAt: try row.optionalTime("last_used_at")
    )
}

private func tokenHash(from row: SQLRow) throws -> TokenHash {
    guard let hash = TokenHash(try row.text("hash")) else {
        throw SQLError.damaged("the hash of a token or of a session is not a SHA-256")
    }
    return hash
}
