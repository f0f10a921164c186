import AsyncHTTPClient
import JSON
import NIOCore
import NIOHTTP1

/// One server-sent event, with the fields that tests look at.
struct ToldEvent: Sendable {
    var event = ""
    var id: Int64?
    var data = JSONValue.null
}

extension HTTP {
    /// Follows the server's events.
    ///
    /// - Parameters:
    ///   - isOpen: counted up once all later changes are reported.
    ///   - onEvent: called with each; ends the stream by returning false.
    func follow(
        _ query: String = "",
        after id: Int64? = nil,
        isOpen: Counter = Counter(),
        _ onEvent: (ToldEvent) async throws -> Bool
    ) async throws {
        var request = HTTPClientRequest(url: url + "/v1/events" + query)
        if let id { request.headers.add(name: "last-event-id", value: "\(id)") }
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        var open = ToldEvent()
        var rest: [UInt8] = []
        for try await chunk in response.body {
            rest += Array(buffer: chunk)
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: rest[..<end], as: UTF8.self)
                rest.removeFirst(end + 1)
                if line == ": berth" { isOpen.add() }
                if line.hasPrefix("id: ") { open.id = Int64(line.dropFirst(4)) }
                if line.hasPrefix("event: ") { open.event = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { open.data = try JSONReader.parse(Array(line.utf8.dropFirst(6))) }
                guard line.isEmpty, !open.event.isEmpty else { continue }
                guard try await onEvent(open) else { return }
                open = ToldEvent()
            }
        }
    }

    /// The events until the run named `run` has the state, including that one.
    func events(
        _ query: String = "",
        after id: Int64? = nil,
        until run: String,
        is state: String,
        isOpen: Counter = Counter()
    ) async throws -> [ToldEvent] {
        var events: [ToldEvent] = []
        try await follow(query, after: id, isOpen: isOpen) { event in
            events.append(event)
            return event.event != "run" || event.data["name"].string != run || event.data["state"].string != state
        }
        return events
    }
}
