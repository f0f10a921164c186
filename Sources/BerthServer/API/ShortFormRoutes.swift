import Berth
import BerthAPI
import DockerEngine
import HTTPTypes
import Hummingbird
import JSON

/// Routes of the short form: apps with four fields, and runs, which it calls containers.
struct ShortFormRoutes: Sendable {
    let apps: Apps
    let runner: Runner
    let lists: RunLists

    var routes: [Route] {
        [
            Route(.createShortApp, body: ShortFormInput.schema(title: "ShortAppDefinition"), create),
            Route(.shortApps, list),
            Route(.shortApp, get),
            Route(.replaceShortApp, body: Self.replacement, replace),
            Route(.patchShortApp, body: Self.replacement.patch(title: "ShortAppPatch"), patch),
            Route(.deleteShortApp, delete),
            Route(.runShortApp, run),
            Route(.containers, listContainers),
        ]
    }

    private static var replacement: JSONValue {
        ShortFormInput.schema(title: "ShortAppReplacement", isNamedInPath: true)
    }

    @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let input = try ShortFormInput(await request.json())
        let app = try await apps.create(input.name, input.settings, by: context.caller)
        var response = Response(.created, ShortAppJSON(app).json, release: app.release)
        response.headers[.location] = "/apps/\(app.name)"
        return response
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        Response(.ok, .array(try await apps.list(for: context.principal).map { ShortAppJSON($0).json }))
    }

    @Sendable private func get(_ request: Request, _ context: APIContext) async throws -> Response {
        let app = context.principal.view(of: try await apps.get(context.appName()))
        return try Response(to: request, ShortAppJSON(app).json, release: app.release)
    }

    @Sendable private func replace(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try context.appName()
        let input = try ShortFormInput(await request.json(), named: name)
        let expected = try await request.expectedRelease(of: name, in: apps)
        let app = try await apps.change(name, ifRelease: expected, by: context.caller) { input.replacing(in: $0) }
        return Response(.ok, ShortAppJSON(app).json, release: app.release)
    }

    @Sendable private func patch(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try context.appName()
        let patch = try await request.json()
        let expected = try await request.expectedRelease(of: name, in: apps)
        let app = try await apps.change(name, ifRelease: expected, by: context.caller) { settings in
            try ShortFormInput(patching: name, settings, with: patch).replacing(in: settings)
        }
        return Response(.ok, ShortAppJSON(app).json, release: app.release)
    }

    @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
        try await apps.delete(request, context)
    }

    @Sendable private func run(_ request: Request, _ context: APIContext) async throws -> Response {
        try await request.checkBodyIsEmpty()
        let outcomes = try await runner.start(RunRequest(app: context.appName()), by: context.caller)
        return Response(.created, ContainerJSON(outcomes[0].run).json)
    }

    @Sendable private func listContainers(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let name = query.optional("app", .string())
        try query.check()
        let app = name.flatMap { try? AppName($0) }
        // An invalid name is treated as the name of an app that does not exist.
        guard name == nil || app != nil else { return Response(.ok, []) }
        return try Response(to: request, lists.containers(of: app, in: context.principal.scope))
    }
}

extension ShortAppJSON {
    init(_ app: App) {
        let line = app.settings.command
        self.init()
        name = app.name.description
        image = app.settings.image.description
        command = line.map { $0.line ?? ShellWords.join($0.words) }
        variables = app.settings.variables.list.map { NamedString(name: $0.name, value: $0.value) }
    }
}

extension ContainerJSON {
    init(_ run: Run) {
        self.init()
        name = run.name.description
        status = run.state.status.rawValue
        app = run.app.description
    }
}
