import Berth
import BerthAPI
import DockerEngine
import Hummingbird
import JSON

/// Routes for hosts: their state, their changes, and the approval of their keys.
struct HostRoutes: Sendable {
    let hosts: Hosts

    var routes: [Route] {
        [
            Route(.addHost, body: HostInput.schema, add),
            Route(.hosts, list),
            Route(.host, get),
            Route(.patchHost, body: HostInput.endpointSchema.patch(title: "HostPatch"), patch),
            Route(.deleteHost, delete),
            Route(.drainHost) { try await setDrained(true, $0, $1) },
            Route(.undrainHost) { try await setDrained(false, $0, $1) },
            Route(.trustHost, body: Self.approval.schema, trust),
        ]
    }

    private static let approval = FieldDecoder<String>.object { body throws(FieldErrors) in
        try body.finish(body.required("fingerprint", .string(length: 1...200)))
    }

    @Sendable private func add(_ request: Request, _ context: APIContext) async throws -> Response {
        let input = try HostInput(await request.json(), for: hosts)
        let host = try await hosts.add(input.name, at: input.endpoint, by: context.caller)
        var response = Response(.created, hosts.json(of: host))
        response.headers[.location] = "/v1/hosts/\(host.name)"
        return response
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let page = query.page { try? HostName($0) }
        try query.check()
        let rest = hosts.all(after: page.after)
        return Response(page: Array(rest), limit: page.limit, cursor: \.name.description) { hosts.json(of: $0) }
    }

    @Sendable private func get(_ request: Request, _ context: APIContext) async throws -> Response {
        Response(.ok, hosts.json(of: try hosts.host(context.hostName())))
    }

    @Sendable private func patch(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try context.hostName()
        let patch = try await request.json()
        let host = try await hosts.move(name) { try HostInput.endpoint(patching: $0, with: patch, for: hosts) }
        return Response(.ok, hosts.json(of: host))
    }

    @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
        try await hosts.remove(context.hostName(), force: request.flag("force"))
        return Response(status: .noContent)
    }

    private func setDrained(_ isDrained: Bool, _ request: Request, _ context: APIContext) async throws -> Response {
        try await request.checkBodyIsEmpty()
        return Response(.ok, hosts.json(of: try await hosts.setDrained(context.hostName(), isDrained)))
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
        let (status, definition) = (host.status, host.definition)
        self.init()
        name = host.name.description
        endpoint = definition.address.description
        self.isDefault = isDefault
        source = definition.source.rawValue
        isDrained = definition.isDrained
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
