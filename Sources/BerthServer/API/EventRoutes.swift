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
        return Response(
            status: .ok,
            headers: .stream("text/event-stream"),
            body: ResponseBody { writer in
                // A writer is not Sendable, but only the task that runs the operation uses this one.
                nonisolated(unsafe) var output = StreamOutput(writer: writer, channel: context.channel)
                try await request.whileClientIsThere(context) { try await stream.write(to: &output) }
                try await output.finish()
            }
        )
    }
}

extension Request {
    /// The last event that a reconnecting client received; nil for a new client, -1 for an id that was never sent.
    fileprivate var lastEventID: Int64? {
        headers[.named("Last-Event-ID")].map { Int64($0) ?? -1 }
    }
}
