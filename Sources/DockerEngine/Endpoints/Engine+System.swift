import NIOHTTP1

extension Engine {
    /// `GET /info`.
    package func info() async throws -> EngineInfo {
        try await get("/info")
    }

    /// `GET /events`: what happens from now on, until the reader stops or the engine does.
    ///
    /// The engine drops what a slow reader does not take, without a word. So do nothing else while reading.
    /// - Parameter types: of events, such as `container`.
    package func events(types: [String], labels: [String] = []) async throws -> EngineStream<JSONLines<EngineEvent>> {
        let filters = try filtersJSON(["type": types, "label": labels])
        return try await stream(.GET, "/events", query: [("filters", filters)], decoder: JSONLines())
    }
}
