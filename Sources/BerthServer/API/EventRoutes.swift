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
        let filter = query.runFilter(for: context.principal)
        try query.check()
        // No event has the id -1, which stands for ids that were never sent.
        let last = request.lastEventID.map { Int64($0) ?? -1 }
        let stream = EventStream(source: self, principal: context.principal, filter: filter, after: last)
        return Response(streaming: "text/event-stream", request, context) { try await stream.write(to: $0) }
    }
}
