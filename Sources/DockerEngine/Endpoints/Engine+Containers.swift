import FoundationEssentials
import NIOHTTP1

extension Engine {
    /// `POST /containers/create`: a container that does not run yet.
    ///
    /// - Throws: `EngineError.status(404, …)` when the image is not on the engine, `409` when the name is taken.
    package func createContainer(named name: String, from spec: ContainerSpec) async throws -> ContainerID {
        let body = try await post("/containers/create", query: [("name", name)], body: spec, deadline: .seconds(60))
        return try decodeJSON(CreatedContainer.self, from: body).id
    }

    /// `POST /containers/{id}/start`.
    ///
    /// Post-condition: it was started; that it still runs is not said.
    package func startContainer(_ id: ContainerID) async throws {
        try await post("/containers/\(id)/start", deadline: .seconds(60))
    }

    /// `POST /containers/{id}/stop`: its stop signal, and SIGKILL after its own timeout.
    ///
    /// No error if it does not run.
    ///
    /// - Parameter stopTimeout: the container's own, from its spec or its details, for this call to wait as long.
    package func stopContainer(_ id: ContainerID, stopTimeout: Int? = nil) async throws {
        try await post("/containers/\(id)/stop", deadline: longestStop(stopTimeout: stopTimeout) + .seconds(30))
    }

    /// `POST /containers/{id}/restart`; the parameter is that of ``stopContainer(_:stopTimeout:)``.
    package func restartContainer(_ id: ContainerID, stopTimeout: Int? = nil) async throws {
        try await post("/containers/\(id)/restart", deadline: longestStop(stopTimeout: stopTimeout) + .seconds(60))
    }

    /// `POST /containers/{id}/pause`: freezes all of its processes.
    ///
    /// - Throws: `EngineError.status(409, …)` when it is paused or does not run.
    package func pauseContainer(_ id: ContainerID) async throws {
        try await post("/containers/\(id)/pause", deadline: .seconds(30))
    }

    /// `POST /containers/{id}/unpause`.
    ///
    /// - Throws: `EngineError.status` when it is not paused; of 500 where other calls say 409.
    package func unpauseContainer(_ id: ContainerID) async throws {
        try await post("/containers/\(id)/unpause", deadline: .seconds(30))
    }

    /// `POST /containers/{id}/kill`.
    ///
    /// - Throws: `EngineError.status(409, …)` when it does not run.
    package func killContainer(_ id: ContainerID, signal: String = "SIGKILL") async throws {
        try await post("/containers/\(id)/kill", query: [("signal", signal)], deadline: .seconds(30))
    }

    /// `DELETE /containers/{id}`, with its anonymous volumes.
    ///
    /// Post-condition: it is gone, also if it was before.
    ///
    /// - Parameter force: kills it first if it runs; otherwise a running container is `EngineError.status(409, …)`.
    package func removeContainer(_ id: ContainerID, force: Bool = false) async throws {
        do {
            let query = [("force", "\(force)"), ("v", "true")]
            try await delete("/containers/\(id)", query: query, deadline: .seconds(60))
        } catch let error as EngineError where error.isNotFound {
            return
        } catch EngineError.status(409, let message) where message.contains("already in progress") {
            try await waitUntilGone(id)
        }
    }

    /// Somebody else is at removing it; the engine tells of the end in no other way.
    private func waitUntilGone(_ id: ContainerID) async throws {
        try await withDeadline(.seconds(60)) {
            do {
                while true {
                    _ = try await container(id)
                    try await Task.sleep(for: .milliseconds(100))
                }
            } catch let error as EngineError where error.isNotFound {
                return
            }
        }
    }

    /// `GET /containers/json`: all containers, running or not, that carry every one of `labels`.
    package func containers(labels: [String] = []) async throws -> [ContainerSummary] {
        try await get(
            "/containers/json",
            query: [("all", "true"), ("filters", try filtersJSON(["label": labels]))],
            deadline: .seconds(60),
            maximumBytes: 256 << 20
        )
    }

    /// `GET /containers/json`: all containers, running or not, of which nothing is read.
    ///
    /// For those who measure how long the engine takes for it.
    ///
    /// - Returns: the number of bytes.
    @discardableResult
    package func listContainersUnread() async throws -> Int {
        let query = [("all", "true")]
        return try await body(of: "/containers/json", query: query, deadline: .seconds(60), maximumBytes: 256 << 20)
            .count
    }

    /// `GET /containers/{id}/json`.
    ///
    /// - Throws: `EngineError.status(404, …)` when there is none; `undecodable` when the answer is about another one.
    package func container(_ id: ContainerID) async throws -> ContainerDetails {
        let details: ContainerDetails = try await get("/containers/\(id)/json")
        guard details.id == id else { throw EngineError.undecodable("it is about another container") }
        return details
    }

    /// `GET /containers/{id}/stats`, once and at once: what it uses at this moment.
    package func containerUsage(_ id: ContainerID) async throws -> ContainerUsage {
        try await get("/containers/\(id)/stats", query: [("stream", "false"), ("one-shot", "true")])
    }

    /// `POST /containers/{id}/wait`: returns when it does not run (any more).
    package func waitForContainer(_ id: ContainerID, deadline: Duration) async throws -> ContainerExit {
        let body = try await post("/containers/\(id)/wait", deadline: deadline)
        return try decodeJSON(ContainerExit.self, from: body)
    }

    /// `GET /containers/{id}/logs`, both streams, in the order in which the engine holds them.
    ///
    /// Without `follow` it ends at the end of what is there. With it, it ends when the container does, and may end
    /// before: rotation and floods make the engine skip, repeat or stop, so the end says nothing about the container.
    /// - Parameters:
    ///   - hasTTY: from ``ContainerConfig/hasTTY``; it decides the form of the stream.
    ///   - tail: only that many of the last lines.
    ///   - since: seconds since 1970 by the engine's clock, with a fraction if need be.
    ///   - timestamps: puts an RFC 3339 time and a space before each line.
    package func logs(
        of id: ContainerID,
        follow: Bool,
        tail: Int? = nil,
        since: String? = nil,
        timestamps: Bool = false,
        hasTTY: Bool
    ) async throws -> EngineStream<LogFrames> {
        var query = [("stdout", "true"), ("stderr", "true"), ("follow", "\(follow)"), ("timestamps", "\(timestamps)")]
        if let tail { query.append(("tail", "\(tail)")) }
        if let since { query.append(("since", since)) }
        return try await stream(
            .GET,
            "/containers/\(id)/logs",
            query: query,
            decoder: LogFrames(isFramed: !hasTTY)
        )
    }
}

/// How long an engine may take to stop a container: a minute at least, as nobody may have told its own timeout.
///
/// A day at most, also for one that is given all the time in the world.
func longestStop(stopTimeout: Int?) -> Duration {
    let day = 24 * 3600
    let own = stopTimeout.map { $0 < 0 ? day : $0 } ?? 0
    return .seconds(min(max(own, 60), day))
}
