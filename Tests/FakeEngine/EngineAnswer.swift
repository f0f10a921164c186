import NIOHTTP1

/// What an engine answers.
enum EngineAnswer {
    case json(HTTPResponseStatus, String)
    case text(String)
    /// A status that has no body.
    case empty(HTTPResponseStatus)
    /// The events that pass the filters, from now on.
    case events(EventFilter)

    static func refusal(_ status: HTTPResponseStatus, _ message: String) -> EngineAnswer {
        .json(status, "{\"message\":\(quoted(message))}")
    }
}

/// Which events a subscriber wants; what is empty lets all pass.
struct EventFilter {
    let types: [String]
    let labels: [String]

    func passes(_ container: Container) -> Bool {
        (types.isEmpty || types.contains("container")) && container.carries(labels)
    }
}
