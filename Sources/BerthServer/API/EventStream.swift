import Berth
import BerthAPI
import CoreMetrics
import Hummingbird
import JSON
import NIOCore

/// The events for one client, from its last event until it disconnects.
struct EventStream: Sendable {
    let source: EventRoutes
    let principal: Principal
    /// Nil if nothing matches.
    let filter: RunFilter?
    /// The last event that the client received; nil if it wants those from now on.
    let after: Int64?

    /// After this time without events, a comment shows the client and every proxy that the connection is alive.
    private static let heartbeat = Duration.seconds(15)
    private static let pageSize = 500

    /// Writes until the client disconnects or is too slow, or the server stops.
    @concurrent
    func write(to output: StreamOutput) async throws {
        source.metrics?.eventStreams.increment()
        defer { source.metrics?.eventStreams.decrement() }
        // Before the comment: a client that has read it receives every event from then on.
        let start = source.feed.last
        try await output.send { $0.writeStaticString(": berth\n\n") }
        try await source.feed.withReader(after: after ?? start) { reader in
            var news = await reader.next(within: .zero)
            if case .missed = news {
                try await startAnew(output)
                reader.position = start
                news = .quiet
            }
            while true {
                switch news {
                case .changes(let changes): try await send(changes, to: output)
                case .quiet: try await output.send { $0.writeStaticString(":\n\n") }
                case .missed:
                    source.metrics?.laggedStreams.increment()
                    return try await output.send { $0.write(event: "lagged", data: Self.lagged) }
                case .end: return
                }
                news = await reader.next(within: Self.heartbeat)
            }
        }
    }

    @concurrent
    private func send(_ changes: [Change], to output: StreamOutput) async throws {
        guard let filter else { return }
        let wanted = changes.filter { filter.matches($0.subject) }
        guard !wanted.isEmpty else { return }
        try await output.send { buffer in
            for change in wanted { write(change.subject, id: change.id, to: &buffer) }
        }
    }

    private func write(_ subject: Change.Subject, id: Int64?, to buffer: inout ByteBuffer) {
        switch subject {
        case .run(_, let shown): buffer.write(event: "run", id: id) { $0.write(shown) }
        case .runDeleted(let run):
            buffer.write(event: "run_deleted", id: id, data: DeletedRunJSON(run).json)
        case .app(let app): buffer.write(event: "app", id: id, data: AppJSON(principal.view(of: app)).json)
        case .appDeleted(let name): buffer.write(event: "app_deleted", id: id, data: DeletedAppJSON("\(name)").json)
        case .host(let name):
            guard let host = try? source.hosts.host(name) else { return }
            buffer.write(event: "host", id: id, data: source.hosts.json(of: host))
        case .hostDeleted(let name): buffer.write(event: "host_deleted", id: id, data: DeletedHostJSON("\(name)").json)
        }
    }

    private static let lagged = NoticeJSON(
        "Events occurred faster than they were read. Connect again with Last-Event-ID to receive the missed events."
    ).json
}

// For a client that has missed events that are no longer stored.
extension EventStream {
    private static let missed = NoticeJSON(
        "The missed events are no longer available. Discard what you have: the current state of everything follows."
    ).json

    /// Sends the present state of everything, page by page, as fast as the client reads.
    @concurrent
    private func startAnew(_ output: StreamOutput) async throws {
        try await output.send { $0.write(event: "reset", data: Self.missed) }
        guard let filter else { return }
        let apps = try await source.apps.list(for: principal).filter { filter.wants($0.name) }
        let hosts = source.hosts.all.map(\.name).filter(filter.wants)
        try await output.send { buffer in
            for host in hosts { write(.host(host), id: nil, to: &buffer) }
            for app in apps { write(.app(app), id: nil, to: &buffer) }
        }
        var position: RunPosition?
        repeat {
            let page = source.runs.page(filter, before: position, limit: Self.pageSize)
            try await output.send { buffer in
                for run in page.runs { buffer.write(event: "run", id: nil) { $0.write(run) } }
            }
            position = page.next
        } while position != nil
    }
}

extension DeletedRunJSON {
    fileprivate init(_ run: Run) {
        self.init()
        (name, app, host) = ("\(run.name)", "\(run.app)", "\(run.host)")
    }
}
