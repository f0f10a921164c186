import NIOHTTP1

// Commands in running containers.
extension Engine {
    /// `POST /containers/{id}/exec`: prepares a command without starting it.
    ///
    /// - Throws: `EngineError.status(409, …)` when the container does not run or is paused.
    package func createExec(_ spec: ExecSpec, in container: ContainerID) async throws -> ExecID {
        let body = try await send(.POST, "/containers/\(container)/exec", body: spec, deadline: .seconds(30))
        return try decodeJSON(CreatedExec.self, from: body).id
    }

    /// `POST /exec/{id}/start`: starts the command, and passes its input and output to `use`.
    ///
    /// The command goes on after `use` has returned, unless it has ended: an engine cannot end it.
    ///
    /// If the engine cannot start it, the output says so, and the exit code is 126 or 127.
    package func startExec<Result: Sendable>(
        _ id: ExecID,
        hasTTY: Bool,
        _ use: (HijackedConnection) async throws -> Result
    ) async throws -> Result {
        try await hijack("/exec/\(id)/start", body: ExecStart(hasTTY: hasTTY), isFramed: !hasTTY, use)
    }

    /// `GET /exec/{id}/json`.
    ///
    /// - Throws: `EngineError.status(404, …)` some minutes after its end, and when the container is gone.
    package func exec(_ id: ExecID) async throws -> ExecDetails { try await get("/exec/\(id)/json") }

    /// `POST /exec/{id}/resize`: sets the size of its terminal.
    ///
    /// - Throws: `EngineError.status` when it does not run, also for a moment after it was started.
    package func resizeExec(_ id: ExecID, rows: Int, columns: Int) async throws {
        let query = [("h", "\(rows)"), ("w", "\(columns)")]
        try await send(.POST, "/exec/\(id)/resize", query: query, deadline: .seconds(15))
    }
}

private struct CreatedExec: Decodable {
    let id: ExecID

    private enum CodingKeys: String, CodingKey { case id = "Id" }
}

private struct ExecStart: Encodable, Sendable {
    let isDetached = false
    let hasTTY: Bool

    private enum CodingKeys: String, CodingKey {
        case isDetached = "Detach"
        case hasTTY = "Tty"
    }
}
