import Berth
import BerthAPI
import HTTPTypes
import Hummingbird

/// Runs: started from an app, listed, stopped, removed.
struct RunRoutes: Sendable {
    let runner: Runner
    let runs: Runs
    let hosts: Hosts

    var routes: [Route] {
        [
            Route(.post, "/v1/apps/{app}/runs", needs: .run, start),
            Route(
                .get,
                "/v1/runs",
                needs: .view,
                takes: ["app", "state", "status", "host", "limit", "cursor"],
                list
            ),
            Route(.get, "/v1/runs/{run}", needs: .view, get),
            Route(.delete, "/v1/runs/{run}", needs: .run, takes: ["force"], remove),
        ] + RunAction.allCases.map(route(for:))
    }

    @Sendable private func start(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try await request.json(orIfEmpty: [:])
        let input = try RunOrderInput(body, of: context.appName(), hosts: hosts.names)
        if input.wait == .created {
            let promised = try await runner.promise(input.order, by: context.caller)
            return Response(.accepted, started: promised.map { (self.json(of: $0), nil) })
        }
        let outcomes = try await runner.start(input.order, by: context.caller)
        return Response(.created, started: outcomes.map { (self.json(of: $0.run), $0.error) })
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let filter = query.runFilter()
        let page = query.page { RunPosition(cursor: $0) }
        try query.check()
        let found = filter.map { runs.list($0, before: page.after, limit: page.limit + 1) } ?? []
        return Response(page: found, limit: page.limit, cursor: \.position.cursor) { RunJSON($0).json }
    }

    @Sendable private func get(_ request: Request, _ context: APIContext) async throws -> Response {
        Response(.ok, RunJSON(try runs.get(context.runName())).json)
    }

    @Sendable private func remove(_ request: Request, _ context: APIContext) async throws -> Response {
        let run = try await runner.remove(context.runName(), force: request.flag("force"))
        return Response(.ok, json(of: run).json)
    }

    private func route(for action: RunAction) -> Route {
        Route(.post, RouterPath("/v1/runs/{run}/\(action.rawValue)"), needs: .run) { request, context in
            try await request.checkBodyIsEmpty()
            return Response(.ok, json(of: try await runner.carryOut(action, on: context.runName())).json)
        }
    }

    /// As it is by now, or as it was, if its record is gone already.
    private func json(of run: Run) -> RunJSON { (try? runs.get(run.name)).map { RunJSON($0) } ?? RunJSON(run) }
}

extension Response {
    /// The runs of one order, with what was wrong with those that were not started.
    fileprivate init(_ status: HTTPResponse.Status, started items: [(run: RunJSON, error: BerthError?)]) {
        var object = JSONObject()
        object.set("items", to: .array(items.map(\.run.json)))
        let errors = items.enumerated().compactMap { item, outcome -> JSONValue? in
            guard let error = outcome.error else { return nil }
            return ["item": JSONValue(item), "code": .string(error.code.rawValue), "detail": .string(error.message)]
        }
        if !errors.isEmpty { object.set("errors", to: .array(errors)) }
        self.init(status, .object(object))
        if items.count == 1, let run = items.first?.run { headers[.location] = "/v1/runs/\(run.name)" }
    }
}
