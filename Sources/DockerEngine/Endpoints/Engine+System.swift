import NIOHTTP1

extension Engine {
    /// `GET /info`.
    package func info() async throws -> EngineInfo {
        try await get("/info")
    }

    /// `GET /events`: what happens from now on, until the reader stops or the engine does.
    ///
    /// The engine drops what a slow reader does not take, without a word. So do nothing else while reading.
    /// - Parameters:
    ///   - types: of events, such as `container`.
    ///   - actions: such as `die`; all where empty.
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
