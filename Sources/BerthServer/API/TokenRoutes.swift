import Berth
import BerthAPI
import Hummingbird
import JSON

/// Routes for tokens, and for what a sender may know about itself.
struct TokenRoutes: Sendable {
    let tokens: Tokens

    var routes: [Route] {
        [
            Route(.createToken, body: TokenInput.schema, create),
            Route(.tokens, list),
            Route(.deleteToken, delete),
            Route(.me) { _, context in Response(.ok, PrincipalJSON(context.principal).json) },
        ]
    }

    @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let input = try TokenInput(await request.json())
        let (token, text) = try await tokens.create(
            input.name,
            input.role,
            input.scope,
            lifetime: input.lifetime,
            by: context.caller
        )
        var json = TokenJSON(token)
        json.text = text.text
        var response = Response(.created, json.json)
        response.headers[.location] = "/v1/tokens/\(token.id)"
        response.headers[.cacheControl] = "no-store"
        return response
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let page = query.page { TokenPosition(cursor: $0) }
        try query.check()
        let rest = tokens.all.drop { token in page.after.map { TokenPosition(of: token) <= $0 } ?? false }
        return Response(
            page: Array(rest),
            limit: page.limit,
            cursor: { TokenPosition(of: $0).cursor },
            json: { TokenJSON($0).json }
        )
    }

    @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
        let token = try await tokens.revoke(context.parameters.get("token") ?? "")
        AuditedRequest.current?.target = "token \(token.principal.name)"
        return Response(status: .noContent)
    }
}

/// The place of a token in lists, which does not depend on other tokens.
private struct TokenPosition: Comparable {
    /// In milliseconds since 1970.
    let created: Int64
    let id: String

    init(of token: AccessToken) { (created, id) = (token.createdAt.milliseconds, token.id) }

    /// Nil for a text that is no cursor.
    init?(cursor: String) {
        let parts = cursor.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let created = Int64(parts[0]), isBase32(parts[1], count: 16) else { return nil }
        (self.created, id) = (created, String(parts[1]))
    }

    var cursor: String { "\(created)-\(id)" }

    static func < (left: TokenPosition, right: TokenPosition) -> Bool {
        (left.created, left.id) < (right.created, right.id)
    }
}

/// A token as defined by a client, validated.
private struct TokenInput {
    let name: TokenName
    let role: Role
    let scope: AppScope
    let lifetime: Duration?

    init(_ json: JSONValue) throws(FieldErrors) {
        var body = ObjectReader(json)
        try self.init(&body)
    }

    private init(_ body: inout ObjectReader) throws(FieldErrors) {
        let name = body.required("name", .tokenName)
        let role = body.required("role", .choice(of: Role.allCases.map(\.rawValue))).flatMap { Role(rawValue: $0) }
        let scope = body.optional("apps", .appScope)
        // Ten years at most.
        let lifetime = body.optional("expires_in", .integer(in: 1...315_360_000))
        if role == .admin, let scope, !scope.isEverything {
            body.reject("apps", "must be left out or [\"*\"]: an admin may see all apps")
        }
        (self.name, self.role) = try body.finish(name, role)
        self.scope = scope ?? .everything
        self.lifetime = lifetime.map { .seconds($0) }
    }

    static let schema = ObjectReader.schema(title: "TokenDefinition") { body in _ = try? TokenInput(&body) }
}

extension TokenJSON {
    fileprivate init(_ token: AccessToken) {
        self.init()
        id = token.id
        name = token.principal.name
        role = token.principal.role.rawValue
        apps = token.principal.scope.patterns.map(\.description)
        createdAt = token.createdAt.description
        createdBy = token.createdBy
        expiresAt = token.expiresAt?.description
        lastUsedAt = token.lastUsedAt?.description
    }
}

extension PrincipalJSON {
    fileprivate init(_ principal: Principal) {
        self.init()
        (id, name, role) = (principal.id, principal.name, principal.role.rawValue)
        apps = principal.scope.patterns.map(\.description)
    }
}
