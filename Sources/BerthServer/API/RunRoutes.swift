import Berth
import BerthAPI
import HTTPTypes
import Hummingbird
import JSON

/// Routes for runs: start, list, wait for, stop and remove them.
struct RunRoutes: Sendable {
    let runner: Runner
    let runs: RunCache
    let hosts: Hosts
    let lists: RunLists

    var routes: [Route] {
        [
            Route(.startRuns, body: RunRequestInput.schema, start),
            Route(.runs, list),
            Route(.run, get),
            Route(.waitForRun, wait),
            Route(.removeRun, remove),
        ] + RunAction.allCases.map(route(for:))
    }

    @Sendable private func start(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try await request.json(orIfEmpty: [:])
        let input = try RunRequestInput(body, of: context.appName(), hosts: hosts.names)
        if input.wait == .created {
            let queued = try await runner.enqueue(input.order, by: context.caller)
            return answer(.accepted, queued.map { ($0, nil) })
        }
        let outcomes = try await runner.start(input.order, by: context.caller)
        if input.wait == .finished {
            try await waitUntilFinished(outcomes.filter { $0.error == nil }.map(\.run.name), atMost: input.timeout)
        }
        return answer(.created, outcomes.map { ($0.run, $0.error) })
    }

    private func answer(_ status: HTTPResponse.Status, _ runs: [(run: Run, error: BerthError?)]) -> Response {
        let location = runs.count == 1 ? "/v1/runs/\(runs[0].run.name)" : nil
        return Response(status, started: runs.map { (shown($0.run), $0.error) }, location: location)
    }

    /// Waits until the runs have finished, at most for `limit`; a run that has not finished is still a success: it was
    /// started.
    private func waitUntilFinished(_ names: [RunName], atMost limit: Duration) async throws {
        let end = ContinuousClock.now + limit
        for name in names {
            do {
                _ = try await stoppingWithServer {
                    try await runs.wait(for: name, until: .finished, atMost: end - .now)
                }
            } catch BerthError.runNotFound {
                // Its record was removed in the meantime, so it has ended.
            }
        }
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let filter = query.runFilter(for: context.principal)
        let page = query.page { RunPosition(cursor: $0) }
        try query.check()
        guard let filter else { return Response(.ok, ["items": [], "next_cursor": nil]) }
        return try Response(to: request, lists.page(filter, before: page.after, limit: page.limit))
    }

    @Sendable private func get(_ request: Request, _ context: APIContext) async throws -> Response {
        Response(try runs.get(context.runName()))
    }

    @Sendable private func wait(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let goal = query.optional("for", .choice(of: RunGoal.allCases.map(\.rawValue))).flatMap {
            RunGoal(rawValue: $0)
        }
        let timeout = query.optional("timeout", .count(in: 0...3600)) ?? 60
        try query.check()
        let name = try context.runName()
        let run = try await request.whileClientIsThere(context) {
            try await stoppingWithServer {
                try await runs.wait(for: name, until: goal ?? .finished, atMost: .seconds(timeout))
            }
        }
        guard let run else { throw Problem.notReached(goal ?? .finished, name, after: timeout) }
        var response = Response(run)
        response.headers[.connection] = "close"
        return response
    }

    @Sendable private func remove(_ request: Request, _ context: APIContext) async throws -> Response {
        let run = try await runner.remove(context.runName(), force: request.flag("force"))
        return Response(shown(run))
    }

    private func route(for action: RunAction) -> Route {
        Route(.act(action.rawValue)) { request, context in
            try await request.checkBodyIsEmpty()
            return Response(shown(try await runner.perform(action, on: context.runName())))
        }
    }

    /// The run's present state, or its last known state if its record was already removed.
    private func shown(_ run: Run) -> RunView {
        runs.view(of: run.name) ?? RunView(gone: EncodedRun(run, encode: EncodedRun.Forms.json))
    }
}

extension Problem {
    fileprivate static func notReached(_ goal: RunGoal, _ name: RunName, after seconds: Int) -> Problem {
        Problem(
            .notReached,
            "\(name) was not \(goal.rawValue) within \(seconds) s. Repeat the request to continue waiting.",
            headers: [.connection: "close"]
        )
    }
}
