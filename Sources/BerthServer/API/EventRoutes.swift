import Berth
import BerthAPI
import HTTPTypes
import Hummingbird
import JSON

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
        let filter = query.eventFilter()
        try query.check()
        let stream = EventStream(source: self, filter: filter, after: request.lastEventID)
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream", .cacheControl: "no-store", .named("X-Accel-Buffering"): "no",
                .connection: "close",
            ],
            body: ResponseBody { writer in
                // A writer is not Sendable, but only the task that runs the operation uses this one.
                nonisolated(unsafe) var output = EventOutput(writer: writer, channel: context.channel)
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

extension QueryReader {
    /// Nil if nothing can ever match, such as events of a run with an invalid name.
    fileprivate mutating func eventFilter() -> EventFilter? {
        let (app, run, host) = (
            optional("app", .string()), optional("run", .string()), optional("host", .string())
        )
        var filter = RunFilter()
        filter.app = app.flatMap { try? AppName($0) }
        filter.name = run.flatMap { RunName($0) }
        filter.host = host.flatMap { try? HostName($0) }
        let isPossible =
            (app == nil || filter.app != nil) && (run == nil || filter.name != nil)
            && (host == nil || filter.host != nil)
        return isPossible ? EventFilter(runs: filter) : nil
    }
}
