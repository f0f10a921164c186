import NIOCore
import NIOHTTP1

/// The answer of an engine.
enum EngineAnswer {
    case json(HTTPResponseStatus, String)
    case text(String)
    /// What a container has written until now.
    case log(ByteBuffer)
    /// What a container has written and writes, until it ends.
    case followedLog(Container, LogSelection)
    /// A status without a body.
    case empty(HTTPResponseStatus)
    /// The events that pass the filters, from now on.
    case events(EventFilter)
    /// These samples of the container's usage, and what follows.
    case usage(of: Container, [String])
    /// The connection belongs to this command from now on.
    case exec(Exec)

    static func refusal(_ status: HTTPResponseStatus, _ message: String) -> EngineAnswer {
        .json(status, "{\"message\":\(quoted(message))}")
    }
}

/// The event filter of a subscriber; an empty set lets all events pass.
struct EventFilter {
    let types: [String]
    let labels: [String]

    func passes(_ container: Container) -> Bool {
        (types.isEmpty || types.contains("container")) && container.carries(labels)
    }
}
