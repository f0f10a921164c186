import Berth
import BerthAPI
import HTTPTypes
import Hummingbird
import JSON

/// Apps with all their settings.
struct AppRoutes: Sendable {
    let apps: Apps
    let hosts: Hosts

    var routes: [Route] {
        [
            Route(.createApp, body: AppInput.schema(title: "AppDefinition"), create),
            Route(.apps, list),
            Route(.app, get),
            Route(.replaceApp, body: Self.replacement, replace),
            Route(.patchApp, body: Self.replacement.patch(title: "AppPatch"), patch),
            Route(.deleteApp, delete),
        ]
    }

    private static var replacement: JSONValue { AppInput.schema(title: "AppReplacement", isNamedInPath: true) }

    @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let input = try AppInput(await request.json(), hosts: hosts.names)
        let app = try await apps.create(input.name, input.settings, by: context.caller)
        var response = Response(.created, AppJSON(app).json, release: app.release)
        response.headers[.location] = "/v1/apps/\(app.name)"
        return response
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let page = query.page { try? AppName($0) }
        try query.check()
        let found = try await apps.list(
            for: context.principal,
            after: page.after?.description ?? "",
            limit: page.limit + 1
        )
        return Response(page: found, limit: page.limit, cursor: \.name.description) { AppJSON($0).json }
    }

    @Sendable private func get(_ request: Request, _ context: APIContext) async throws -> Response {
        let app = context.principal.view(of: try await apps.get(context.appName()))
        return try Response(to: request, AppJSON(app).json, release: app.release)
    }

    @Sendable private func replace(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try context.appName()
        let input = try AppInput(await request.json(), named: name, hosts: hosts.names)
        let expected = try await request.expectedRelease(of: name, in: apps)
        let app = try await apps.change(name, ifRelease: expected, by: context.caller) { _ in input.settings }
        return Response(.ok, AppJSON(app).json, release: app.release)
    }

    @Sendable private func patch(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try context.appName()
        let patch = try await request.json()
        let expected = try await request.expectedRelease(of: name, in: apps)
        let app = try await apps.change(name, ifRelease: expected, by: context.caller) { [names = hosts.names] in
            try AppInput(patching: name, $0, with: patch, hosts: names).settings
        }
        return Response(.ok, AppJSON(app).json, release: app.release)
    }

    @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
        try await apps.delete(request, context)
    }
}

extension Apps {
    /// Deletes the app that a request names; both forms of the API use it.
    func delete(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try context.appName()
        let force = try request.flag("force")
        try await delete(name, force: force, ifRelease: request.expectedRelease(of: name, in: self))
        return Response(status: .noContent)
    }
}

extension Hosts {
    var names: [HostName] { all.map(\.name) }
}
