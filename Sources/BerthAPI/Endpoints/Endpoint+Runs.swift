extension Endpoint<StartedRunsJSON> {
    package static let startRuns = Endpoint(
        "startRuns",
        .post,
        "/v1/apps/{app}/runs",
        "Starts runs of an app.",
        needs: .run,
        body: .fields(["count", "command", "variables", "pull", "host", "wait", "timeout"]),
        status: 201,
        202,
        problems: .ofStart + [.invalidOverrides]
    )
}

extension Endpoint<PageJSON<RunJSON>> {
    package static let runs = Endpoint(
        "listRuns",
        .get,
        "/v1/runs",
        "Lists runs, the newest first.",
        needs: .view,
        parameters: [.app, .state, .status, .host, .limit, .cursor],
        status: 200,
        304,
        usesStore: false,
        hasEntityTag: true
    )
}

extension Endpoint<RunJSON> {
    package static let run = Endpoint(
        "getRun",
        .get,
        "/v1/runs/{run}",
        "Returns a run.",
        needs: .view,
        usesStore: false,
        problems: [.runNotFound]
    )
    package static let waitForRun = Endpoint(
        "waitForRun",
        .get,
        "/v1/runs/{run}/wait",
        "Responds when a run has reached a state.",
        needs: .view,
        parameters: [.goal, .timeout],
        usesStore: false,
        waits: true,
        problems: [.runNotFound, .notReached]
    )
    package static let removeRun = Endpoint(
        "removeRun",
        .delete,
        "/v1/runs/{run}",
        "Removes the container of a run; the record stays.",
        needs: .run,
        parameters: [.force],
        problems: [.runNotFound, .runStateConflict] + .ofEngine
    )

    /// - Parameter action: `stop`, `start`, ….
    package static func act(_ action: String) -> Endpoint {
        Endpoint(
            "\(action)Run",
            .post,
            "/v1/runs/{run}/\(action)",
            "\(action.prefix(1).uppercased())\(action.dropFirst())s a run.",
            needs: .run,
            body: .empty,
            problems: [.runNotFound, .hostNotFound, .runStateConflict]
                + (["start", "restart"].contains(action) ? [.policyDenied] : []) + .ofEngine
        )
    }

    package static let actions = ["stop", "start", "restart", "kill", "pause", "unpause"]
}

extension Endpoint<RunLogBody> {
    package static let runLogs = Endpoint(
        "readRunLogs",
        .get,
        "/v1/runs/{run}/logs",
        "Returns the output of a run, and follows it.",
        needs: .view,
        parameters: [.follow, .tail, .since, .until, .timestamps, .stream],
        status: 200,
        204,
        problems: [.runNotFound, .hostNotFound] + .ofEngine
    )
}

extension Endpoint<UsageBody> {
    package static let runStats = Endpoint(
        "getRunStats",
        .get,
        "/v1/runs/{run}/stats",
        "Returns what a run uses, and follows it.",
        needs: .view,
        parameters: [.followUsage],
        problems: [.runNotFound, .hostNotFound, .runStateConflict] + .ofEngine
    )
}

extension [ProblemCode] {
    /// Problems of routes that call an engine.
    static let ofEngine: [ProblemCode] = [.engineError, .engineTimeout, .hostUnreachable, .hostBusy]

    /// Problems of routes that start runs.
    static let ofStart: [ProblemCode] =
        [.appNotFound, .hostNotFound, .hostDrained, .runStateConflict, .policyDenied, .secretUnreadable] + ofEngine
}
