import Berth
import BerthAPI
import HTTPTypes
import Hummingbird

/// Apps in the short form.
struct AppRoutes: Sendable {
    let apps: Apps

    var routes: [Route] {
        [
            Route(.post, "/apps", needs: .edit, create),
            Route(.get, "/apps", needs: .view, list),
            Route(.get, "/apps/{app}", needs: .view, get),
            Route(.put, "/apps/{app}", needs: .edit, replace),
            Route(.patch, "/apps/{app}", needs: .edit, patch),
            Route(.delete, "/apps/{app}", needs: .edit, takes: ["force"], delete),
        ]
    }

    @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let input = try AppInput(await request.json())
        let app = try await apps.create(input.name, input.settings, by: .local)
        var response = Response(.created, AppJSON(app).json)
        response.headers[.location] = "/apps/\(app.name)"
        return response
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        Response(.ok, .array(try await apps.list().map { AppJSON($0).json }))
    }

    @Sendable private func get(_ request: Request, _ context: APIContext) async throws -> Response {
        Response(.ok, AppJSON(try await apps.get(context.appName())).json)
    }

    @Sendable private func replace(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try context.appName()
        let input = try AppInput(await request.json(), named: name)
        return Response(.ok, AppJSON(try await apps.change(name, by: .local) { _ in input.settings }).json)
    }

    @Sendable private func patch(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try context.appName()
        let patch = try await request.json()
        let app = try await apps.change(name, by: .local) { try AppInput(patching: name, $0, with: patch).settings }
        return Response(.ok, AppJSON(app).json)
    }

    @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
        try await apps.delete(context.appName(), force: request.flag("force"))
        return Response(status: .noContent)
    }
}

extension Caller {
    /// Nobody is asked yet who they are.
    static let local = Caller(name: "local")
}
