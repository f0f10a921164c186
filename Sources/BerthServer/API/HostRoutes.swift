import Berth
import BerthAPI
import DockerEngine
import Hummingbird
import JSON

/// Routes for hosts: their state, and the approval of their keys.
struct HostRoutes: Sendable {
    let hosts: Hosts

    var routes: [Route] {
        [
            Route(.hosts, list),
            Route(.host, get),
            Route(.trustHost, body: Self.approval.schema, trust),
        ]
    }

    private static let approval = FieldDecoder<String>.object { body throws(FieldErrors) in
        try body.finish(body.required("fingerprint", .string(length: 1...200)))
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let page = query.page { cursor in hosts.all.firstIndex { $0.name.description == cursor } }
        try query.check()
        let rest = hosts.all.dropFirst(page.after.map { $0 + 1 } ?? 0)
        return Response(page: Array(rest), limit: page.limit, cursor: \.name.description) { hosts.json(of: $0) }
    }

    @Sendable private func get(_ request: Request, _ context: APIContext) async throws -> Response {
        Response(.ok, hosts.json(of: try hosts.host(context.hostName())))
    }

    @Sendable private func trust(_ request: Request, _ context: APIContext) async throws -> Response {
        let host = try hosts.host(context.hostName())
        let fingerprint = try Self.approval.read(await request.json(), .root)
        try host.trust(fingerprint: fingerprint)
        return Response(.ok, hosts.json(of: host))
    }
}

extension Hosts {
    func json(of host: HostConnection) -> JSONValue {
        HostJSON(host, isDefault: isDefault(host), counts: counts(on: host)).json
    }
}

extension HostJSON {
    init(_ host: HostConnection, isDefault: Bool, counts: (running: Int, finished: Int)) {
        let status = host.status
        self.init()
        name = host.name.description
        endpoint = host.address.description
        self.isDefault = isDefault
        state = status.state.kind.rawValue
        reason = status.state.reason?.rawValue
        fingerprint = status.presentedKey?.fingerprint
        error = status.error
        if status.presentedKey != nil {
            error? += " \(BerthError.approval(of: host.name))"
        }
        engineVersion = status.engineVersion
        apiVersion = status.apiVersion?.description
        latency = status.latency.map { ($0 / .microseconds(1)).rounded() / 1000 }
        lastSeenAt = status.lastSeenAt?.description
        runs.running = counts.running
        runs.finished = counts.finished
        clockSkew = status.facts?.clockSkew.map { ($0 / .milliseconds(1)).rounded() }
        hasLiveRestore = status.facts?.hasLiveRestore
        logDriver = status.facts?.logDriver
        warnings = status.warnings
        mirror.events = status.mirror.events
        mirror.lastEventAt = status.mirror.lastEventAt?.description
        mirror.lists = status.mirror.lists
        mirror.corrections = status.mirror.corrections
    }
}
