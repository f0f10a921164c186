import Berth
import BerthAPI
import Hummingbird
import JSON

/// Routes for the secrets of apps; no response has a value.
struct SecretRoutes: Sendable {
    let secrets: Secrets

    var routes: [Route] {
        [
            Route(.secrets, list), Route(.setSecret, body: Self.definition, set), Route(.deleteSecret, delete),
        ]
    }

    private static let definition = ObjectReader.schema(title: "SecretDefinition") { body in _ = try? value(in: &body) }

    private static func value(in body: inout ObjectReader) throws(FieldErrors) -> SecretValue {
        try body.finish(body.required("value", .secretValue))
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let page = query.page { try? SecretName($0) }
        try query.check()
        let rest = try await secrets.list(of: context.appName()).drop { secret in
            page.after.map { secret.name <= $0 } ?? false
        }
        return Response(page: Array(rest), limit: page.limit, cursor: \.name.description) { SecretJSON($0).json }
    }

    @Sendable private func set(_ request: Request, _ context: APIContext) async throws -> Response {
        let app = try context.appName()
        let name: SecretName
        do throws(InvalidValue) {
            name = try SecretName(context.parameters.get("secret") ?? "")
        } catch {
            throw FieldErrors(error.message, at: .root.member("secret"))
        }
        var body = ObjectReader(try await request.json())
        let value = try Self.value(in: &body)
        try await secrets.set(name, of: app, to: value, by: context.caller)
        return Response(status: .noContent)
    }

    @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
        let app = try context.appName()
        guard let name = try? SecretName(context.parameters.get("secret") ?? "") else {
            throw BerthError.secretNotFound(app)
        }
        try await secrets.delete(name, of: app)
        return Response(status: .noContent)
    }
}

extension SecretJSON {
    fileprivate init(_ secret: Secret) {
        self.init()
        (name, updatedBy) = (secret.name.description, secret.updatedBy)
        updatedAt = secret.updatedAt.description
    }
}
