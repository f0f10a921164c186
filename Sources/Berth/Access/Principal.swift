/// The sender of requests: a token, or a client without one.
package struct Principal: Sendable, Hashable {
    /// The id of its token.
    package let id: String
    /// For people: in releases and in the audit log.
    package let name: String
    package let role: Role
    package let scope: AppScope

    var hasToken: Bool { self != .local && self != .anonymous }

    package init(id: String, name: String, role: Role, scope: AppScope) {
        (self.id, self.name, self.role, self.scope) = (id, name, role, scope)
    }

    /// Every user of this machine, on a Unix socket or without authentication.
    package static let local = Principal(id: "local", name: "local", role: .admin, scope: .everything)
    /// A sender without a token.
    package static let anonymous = Principal(id: "anonymous", name: "anonymous", role: .viewer, scope: .nothing)
}
