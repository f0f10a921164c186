import Berth
import BerthAPI
import HTTPTypes
import Hummingbird

/// Changes of runs, apps and hosts, as server-sent events.
struct EventRoutes: Sendable {
    let feed: ChangeFeed
    let runs: RunCache
    let apps: Apps
    let hosts: Hosts
    let metrics: HTTPMetrics?

    var routes: [Route] {
        [Route(.events, follow)]
    }

    @Sendable private func follow(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let filter = query.runFilter()
        try query.check()
        let stream = EventStream(source: self, filter: filter, after: request.lastEventID)
        return Response(streaming: "text/event-stream", request, context) { try await stream.write(to: $0) }
    }
}

extension Request {
    /// The last event that a reconnecting client received; nil for a new client, -1 for an id that was never sent.
    fileprivate var lastEventID: Int64? {
        headers[.named("Last-Event-ID")].map { Int64($0) ?? -1 }
    }
}
