import Berth
import BerthAPI
import Hummingbird

/// Runs in the short form, where they are called containers.
struct RunRoutes: Sendable {
    let runner: Runner
    let runs: Runs

    var routes: [Route] {
        [
            Route(.post, "/apps/run/{app}", needs: .run, start),
            Route(.get, "/apps/containers", needs: .view, list),
        ]
    }

    @Sendable private func start(_ request: Request, _ context: APIContext) async throws -> Response {
        var body = ObjectReader(try await request.json(orIfEmpty: [:]))
        try body.finish()
        let outcomes = try await runner.start(RunOrder(app: context.appName()), by: .local)
        guard let run = outcomes.first?.run else {
            throw Problem(.internalServerError, "internal_error", "Nothing was started.")
        }
        return Response(.created, ContainerJSON(run).json)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        Response(.ok, .array(runs.all().map { ContainerJSON($0).json }))
    }
}

extension ContainerJSON {
    init(_ run: Run) {
        self.init(name: run.name.description, status: run.state.status.rawValue, app: run.app.description)
    }
}
