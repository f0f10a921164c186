import JSON

/// One event as it was received.
struct ServerSentEvent: Equatable, CustomStringConvertible {
    var event = ""
    var id: Int64?
    var data = ""

    /// The events of a stream, in any chunks.
    static func all(in answer: String) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        var open = ServerSentEvent()
        // A chunk's size is in a line of its own.
        for line in answer.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("id: ") { open.id = Int64(line.dropFirst(4)) }
            if line.hasPrefix("event: ") { open.event = String(line.dropFirst(7)) }
            if line.hasPrefix("data: ") { open.data = String(line.dropFirst(6)) }
            if line.isEmpty, !open.event.isEmpty {
                events.append(open)
                open = ServerSentEvent()
            }
        }
        return events
    }

    /// A text member of the data.
    func text(_ member: String) -> String? {
        guard case .object(let object)? = try? JSONReader.parse(Array(data.utf8)),
            case .string(let text) = object[member]
        else { return nil }
        return text
    }

    /// Such as `run web-abcdef exited`.
    var description: String {
        [event, text("name"), text("state")].compactMap { $0 }.joined(separator: " ")
    }
}
