extension Endpoint<ExecBody> {
    package static let execute = Endpoint(
        "executeInRun",
        .post,
        "/v1/runs/{run}/exec",
        "Executes a command in the container of a run.",
        needs: .run,
        body: .fields([
            "command", "user", "working_dir", "variables", "timeout", "stdin", "interactive", "tty", "rows", "columns",
        ]),
        status: 200,
        201,
        takesKey: false,
        problems: [.runNotFound, .hostNotFound, .runStateConflict, .tooManySessions] + .ofEngine
    )
}

extension Endpoint<ExecSessionJSON> {
    package static let execSession = Endpoint(
        "getExecSession",
        .get,
        "/v1/exec/{exec}",
        "Returns a session.",
        needs: .run,
        usesStore: false,
        problems: [.execNotFound]
    )
}

extension Endpoint<ExecEventsBody> {
    package static let execOutput = Endpoint(
        "readExecOutput",
        .get,
        "/v1/exec/{exec}/output",
        "Returns the output of a session until its command ends.",
        needs: .run,
        usesStore: false,
        waits: true,
        problems: [.execNotFound]
    )
}

// The start and the end of a session are in the audit log, not each of its keystrokes.
extension Endpoint<NoBody> {
    package static let writeExecInput = Endpoint(
        "writeExecInput",
        .post,
        "/v1/exec/{exec}/input",
        "Sends input to the command of a session.",
        needs: .run,
        parameters: [.end],
        body: .bytes,
        status: 204,
        takesKey: false,
        isAudited: false,
        problems: [.execNotFound, .execEnded]
    )
    package static let resizeExec = Endpoint(
        "resizeExec",
        .post,
        "/v1/exec/{exec}/resize",
        "Sets the size of a session's terminal.",
        needs: .run,
        body: .fields(["rows", "columns"]),
        status: 204,
        takesKey: false,
        isAudited: false,
        problems: [.execNotFound, .execEnded] + .ofEngine
    )
    package static let deleteExec = Endpoint(
        "deleteExecSession",
        .delete,
        "/v1/exec/{exec}",
        "Ends a session.",
        needs: .run,
        status: 204,
        usesStore: false,
        problems: [.execNotFound]
    )
}
