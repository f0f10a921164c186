import Berth
import BerthAPI
import DockerEngine
import Foundation
import Hummingbird
import JSON

/// Routes for the logins for registries; no response has a password.
struct RegistryRoutes: Sendable {
    let registries: Registries

    var routes: [Route] {
        [
            Route(.registries, list), Route(.registry, get), Route(.setRegistry, body: RegistryInput.schema, set),
            Route(.deleteRegistry, delete),
        ]
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let page = query.page { RegistryServer($0) }
        try query.check()
        let rest = try await registries.list().drop { registry in page.after.map { registry.server <= $0 } ?? false }
        return Response(page: Array(rest), limit: page.limit, cursor: \.server.description) { RegistryJSON($0).json }
    }

    @Sendable private func get(_ request: Request, _ context: APIContext) async throws -> Response {
        Response(.ok, RegistryJSON(try await registries.get(context.existingServer())).json)
    }

    @Sendable private func set(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let server = context.server else {
            throw FieldErrors(
                "must be the host of a registry as it stands in the names of its images, such as "
                    + "registry.example.org or registry.example.org:5000",
                at: .root.member("server")
            )
        }
        let input = try RegistryInput(await request.json())
        try await registries.set(server, input.username, input.password, by: context.caller)
        return Response(status: .noContent)
    }

    @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
        try await registries.delete(context.existingServer())
        return Response(status: .noContent)
    }
}

extension APIContext {
    /// The registry that the path names, in which a client may have encoded the colon; nil if the text cannot be one.
    fileprivate var server: RegistryServer? {
        (parameters.get("server")?.removingPercentEncoding).flatMap { RegistryServer($0) }
    }

    fileprivate func existingServer() throws -> RegistryServer {
        guard let server else { throw BerthError.registryNotFound(nil) }
        return server
    }
}

/// A login as defined by a client, validated.
private struct RegistryInput {
    let username: String
    let password: SecretValue

    init(_ json: JSONValue) throws(FieldErrors) {
        var body = ObjectReader(json)
        try self.init(&body)
    }

    private init(_ body: inout ObjectReader) throws(FieldErrors) {
        let username = body.required("username", .string(length: 1...255))
        let password = body.required("password", .secretValue)
        if let username, username.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            body.reject("username", "must not contain control characters")
        }
        (self.username, self.password) = try body.finish(username, password)
    }

    static let schema = ObjectReader.schema(title: "RegistryDefinition") { body in _ = try? RegistryInput(&body) }
}

extension RegistryJSON {
    fileprivate init(_ registry: Registry) {
        self.init()
        (server, username) = (registry.server.description, registry.username)
        (updatedAt, updatedBy) = (registry.updatedAt.description, registry.updatedBy)
    }
}
