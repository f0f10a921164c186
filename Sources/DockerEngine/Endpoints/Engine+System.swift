import NIOHTTP1

extension Engine {
    /// `GET /info`.
    package func info() async throws -> EngineInfo {
        try await get("/info")
    }

    /// `GET /events`: events from now on, until the reader or the engine stops.
    ///
    /// The engine drops events for a slow reader without reporting it. The reader must do nothing else while reading.
    /// - Parameters:
    ///   - types: the types of events to receive, such as `container`.
    ///   - actions: the actions to receive, such as `die`; all of them if empty.
    package func events(
        types: [String],
        actions: [String] = [],
        labels: [String] = []
    ) async throws -> EngineStream<JSONLines<EngineEvent>> {
        var filters = ["type": types, "label": labels]
        if !actions.isEmpty { filters["event"] = actions }
        let text = try filtersJSON(filters)
        return try await stream(.GET, "/events", query: [("filters", text)], decoder: JSONLines())
    }
}
