package import JSON

/// A token.
package struct TokenJSON: JSONRecord {
    package var id = ""
    package var name = ""
    /// `viewer`, `deployer` or `admin`.
    package var role = ""
    /// Patterns of the names of its apps.
    package var apps: [String] = []
    package var createdAt = ""
    /// The name of the token that made it.
    package var createdBy = ""
    /// Nil if it does not expire.
    package var expiresAt: String?
    /// Accurate to a minute; nil if it was never used.
    package var lastUsedAt: String?
    /// `berth_…`; in the response to its creation only.
    package var text: String?

    package init() {}

    package static let roles = ["viewer", "deployer", "admin"]

    package static let fields: [JSONField<TokenJSON>] = [
        .init("id", \.id, .string()),
        .init("name", \.name, .string()),
        .init("role", \.role, .word(of: roles)),
        .init("apps", \.apps, .list(of: .string())),
        .init("created_at", \.createdAt, .time),
        .init("created_by", \.createdBy, .string()),
        .init("expires_at", \.expiresAt, .time),
        .init("last_used_at", \.lastUsedAt, .time),
        .init("token", \.text, .string(), isOmitted: true),
    ]
}

/// The sender of a request.
package struct PrincipalJSON: JSONRecord {
    /// The id of its token; `local` without one.
    package var id = ""
    package var name = ""
    package var role = ""
    package var apps: [String] = []

    package init() {}

    package static let fields: [JSONField<PrincipalJSON>] = [
        .init("id", \.id, .string()),
        .init("name", \.name, .string()),
        .init("role", \.role, .word(of: TokenJSON.roles)),
        .init("apps", \.apps, .list(of: .string())),
    ]
}
