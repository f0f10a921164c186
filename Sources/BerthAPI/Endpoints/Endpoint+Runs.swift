extension Endpoint<StartedRunsJSON> {
    package static let startRuns = Endpoint(
        .post,
        "/v1/apps/{app}/runs",
        needs: .run,
        body: .fields(["count", "command", "variables", "pull", "host", "wait", "timeout"]),
        status: 201,
        202,
        problems: .ofStart + [.invalidOverrides]
    )
}

extension Endpoint<PageJSON<RunJSON>> {
    package static let runs = Endpoint(
        .get,
        "/v1/runs",
        needs: .view,
        parameters: ["app", "state", "status", "host", "limit", "cursor"],
        status: 200,
        304,
        usesStore: false,
        hasEntityTag: true
    )
}

extension Endpoint<RunJSON> {
    package static let run = Endpoint(.get, "/v1/runs/{run}", needs: .view, usesStore: false, problems: [.runNotFound])
    package static let waitForRun = Endpoint(
        .get,
        "/v1/runs/{run}/wait",
        needs: .view,
        parameters: ["for", "timeout"],
        usesStore: false,
        problems: [.runNotFound, .notReached]
    )
    package static let removeRun = Endpoint(
        .delete,
        "/v1/runs/{run}",
        needs: .run,
        parameters: ["force"],
        problems: [.runNotFound, .runStateConflict] + .ofEngine
    )

    /// - Parameter action: `stop`, `start`, ….
    package static func act(_ action: String) -> Endpoint {
        Endpoint(
            .post,
            "/v1/runs/{run}/\(action)",
            needs: .run,
            body: .empty,
            problems: [.runNotFound, .hostNotFound, .runStateConflict] + .ofEngine
        )
    }

    package static let actions = ["stop", "start", "restart", "kill", "pause", "unpause"]
}

extension [ProblemCode] {
    /// Problems of routes that call an engine.
    static let ofEngine: [ProblemCode] = [.engineError, .engineTimeout, .hostUnreachable, .hostBusy]

    /// Problems of routes that start runs.
    static let ofStart: [ProblemCode] = [.appNotFound, .hostNotFound, .runStateConflict] + ofEngine
}
