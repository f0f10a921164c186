import FoundationEssentials
import NIOHTTP1

extension Engine {
    /// `POST /containers/create`: creates a container without starting it.
    ///
    /// - Throws: `EngineError.status(404, …)` when the image is not on the engine, `409` when the name is taken.
    package func createContainer(named name: String, from spec: ContainerSpec) async throws -> ContainerID {
        let query = [("name", name)]
        let body = try await send(.POST, "/containers/create", query: query, body: spec, deadline: .seconds(60))
        return try decodeJSON(CreatedContainer.self, from: body).id
    }

    /// `POST /containers/{id}/start`.
    ///
    /// Post-condition: the container was started; it may have ended since.
    package func startContainer(_ id: ContainerID) async throws {
        try await send(.POST, "/containers/\(id)/start", deadline: .seconds(60))
    }

    /// `POST /containers/{id}/stop`: sends its stop signal, and SIGKILL after its own timeout.
    ///
    /// Not an error if it does not run.
    ///
    /// - Parameter stopTimeout: the container's own, from its spec or its details; the deadline of this call depends on
    ///   it.
    package func stopContainer(_ id: ContainerID, stopTimeout: Int? = nil) async throws {
        try await send(.POST, "/containers/\(id)/stop", deadline: longestStop(stopTimeout: stopTimeout) + .seconds(30))
    }

    /// `POST /containers/{id}/restart`; for the parameter see ``stopContainer(_:stopTimeout:)``.
    package func restartContainer(_ id: ContainerID, stopTimeout: Int? = nil) async throws {
        let deadline = longestStop(stopTimeout: stopTimeout) + .seconds(60)
        try await send(.POST, "/containers/\(id)/restart", deadline: deadline)
    }

    /// `POST /containers/{id}/pause`: freezes all of its processes.
    ///
    /// - Throws: `EngineError.status(409, …)` when it is already paused or does not run.
    package func pauseContainer(_ id: ContainerID) async throws {
        try await send(.POST, "/containers/\(id)/pause", deadline: .seconds(30))
    }

    /// `POST /containers/{id}/unpause`.
    ///
    /// - Throws: `EngineError.status` when it is not paused; the status is 500 where other endpoints return 409.
    package func unpauseContainer(_ id: ContainerID) async throws {
        try await send(.POST, "/containers/\(id)/unpause", deadline: .seconds(30))
    }

    /// `POST /containers/{id}/kill`.
    ///
    /// - Throws: `EngineError.status(409, …)` when it does not run.
    package func killContainer(_ id: ContainerID, signal: String = "SIGKILL") async throws {
        try await send(.POST, "/containers/\(id)/kill", query: [("signal", signal)], deadline: .seconds(30))
    }

    /// `DELETE /containers/{id}`, with its anonymous volumes.
    ///
    /// Post-condition: it does not exist; it is not an error if it did not exist before.
    ///
    /// - Parameter force: kills it first if it runs; otherwise a running container is `EngineError.status(409, …)`.
    package func removeContainer(_ id: ContainerID, force: Bool = false) async throws {
        do {
            let query = [("force", "\(force)"), ("v", "true")]
            try await send(.DELETE, "/containers/\(id)", query: query, deadline: .seconds(60))
        } catch let error as EngineError where error.isNotFound {
            return
        } catch EngineError.status(409, let message) where message.contains("already in progress") {
            try await waitUntilGone(id)
        }
    }

    /// Waits for a removal that another client has begun; the engine has no other means to report its end.
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

    /// `GET /containers/json`: requests all containers, running or not, and decodes nothing.
    ///
    /// Used to measure how long the engine takes to list them.
    ///
    /// - Returns: the number of bytes.
    @discardableResult
    package func listContainersUnread() async throws -> Int {
        let query = [("all", "true")]
        return try await send(
            .GET,
            "/containers/json",
            query: query,
            deadline: .seconds(60),
            maximumBytes: 256 << 20
        ).count
    }

    /// `GET /containers/{id}/json`.
    ///
    /// - Throws: `EngineError.status(404, …)` when there is none; `undecodable` when the response has another id.
    package func container(_ id: ContainerID) async throws -> ContainerDetails {
        let details: ContainerDetails = try await get("/containers/\(id)/json")
        guard details.id == id else { throw EngineError.undecodable("it is for another container") }
        return details
    }

    /// `GET /containers/{id}/stats`, one sample: its present use of resources.
    ///
    /// - Parameter isMeasuredTwice: waits for a second sample, which takes the engine one to two seconds, so that
    ///   ``ContainerUsage/cpuPercent`` is known.
    package func containerUsage(_ id: ContainerID, isMeasuredTwice: Bool = false) async throws -> ContainerUsage {
        let query = [("stream", "false")] + (isMeasuredTwice ? [] : [("one-shot", "true")])
        return try await get("/containers/\(id)/stats", query: query)
    }

    /// `GET /containers/{id}/stats`: a sample each second, until the container is removed.
    ///
    /// While the container does not run, the samples are empty: they have no ``ContainerUsage/time``.
    package func followUsage(of id: ContainerID) async throws -> EngineStream<JSONLines<ContainerUsage>> {
        try await stream(
            .GET,
            "/containers/\(id)/stats",
            query: [("stream", "true")],
            for: .followed,
            decoder: JSONLines()
        )
    }

    /// `POST /containers/{id}/wait`: returns when the container does not run, at once if it does not run now.
    package func waitForContainer(_ id: ContainerID, deadline: Duration) async throws -> ContainerExit {
        let body = try await send(.POST, "/containers/\(id)/wait", deadline: deadline)
        return try decodeJSON(ContainerExit.self, from: body)
    }

    /// `GET /containers/{id}/logs`: its output, in the order in which the engine stores it.
    ///
    /// Without `follow` the stream ends after the existing output. With it, the stream ends when the container does, or
    /// earlier: log rotation and heavy output make the engine skip, repeat or stop, so the end of the stream does not
    /// mean that the container has ended.
    /// - Parameters:
    ///   - hasTTY: from ``ContainerConfig/hasTTY``; it determines the format of the stream. Nil is allowed with
    ///     `timestamps`.
    ///   - tail: the number of last lines to return.
    ///   - since: the first time, in seconds since 1970 by the engine's clock, optionally with a fraction.
    ///   - until: the last time, in the same form.
    ///   - streams: the streams to return.
    ///   - timestamps: puts an RFC 3339 time and a space before each line.
    package func logs(
        of id: ContainerID,
        follow: Bool,
        tail: Int? = nil,
        since: String? = nil,
        until: String? = nil,
        streams: Set<LogChunk.Stream> = [.stdout, .stderr],
        timestamps: Bool = false,
        hasTTY: Bool?
    ) async throws -> EngineStream<LogFrames> {
        var query = [
            ("stdout", "\(streams.contains(.stdout))"), ("stderr", "\(streams.contains(.stderr))"),
            ("follow", "\(follow)"), ("timestamps", "\(timestamps)"),
        ]
        if let tail { query.append(("tail", "\(tail)")) }
        if let since { query.append(("since", since)) }
        if let until { query.append(("until", until)) }
        return try await stream(
            .GET,
            "/containers/\(id)/logs",
            query: query,
            for: follow ? .followed : .log,
            decoder: LogFrames(isFramed: hasTTY.map { !$0 })
        )
    }
}

/// The deadline for stopping a container: at least a minute, since the caller may not know the container's own timeout.
///
/// At most a day, also for a container with an unlimited timeout.
func longestStop(stopTimeout: Int?) -> Duration {
    let day = 24 * 3600
    let own = stopTimeout.map { $0 < 0 ? day : $0 } ?? 0
    return .seconds(min(max(own, 60), day))
}
