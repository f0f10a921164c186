// Hosts, events, and the server itself.

extension Endpoint<PageJSON<HostJSON>> {
    package static let hosts = Endpoint(
        .get,
        "/v1/hosts",
        needs: .view,
        parameters: ["limit", "cursor"],
        usesStore: false
    )
}

extension Endpoint<HostJSON> {
    package static let host = Endpoint(
        .get,
        "/v1/hosts/{host}",
        needs: .view,
        usesStore: false,
        problems: [.hostNotFound]
    )
    package static let trustHost = Endpoint(
        .post,
        "/v1/hosts/{host}/trust",
        needs: .administer,
        body: .fields(["fingerprint"]),
        problems: [.hostNotFound, .nothingToTrust, .fingerprintMismatch]
    )
}

extension Endpoint<EventsBody> {
    package static let events = Endpoint(.get, "/v1/events", needs: .view, parameters: ["app", "run", "host"])
}

extension Endpoint<StatusJSON> {
    package static let alive = Endpoint(.get, "/healthz", needs: .anyone, usesStore: false)
    package static let ready = Endpoint(.get, "/readyz", needs: .anyone, problems: [.storeFull])
}

extension Endpoint<TextBody> {
    package static let metrics = Endpoint(.get, "/metrics", needs: .view, usesStore: false, problems: [.noMetrics])
}

extension Endpoint<VersionJSON> {
    package static let version = Endpoint(.get, "/v1/version", needs: .view, usesStore: false)
}

extension EndpointFacts {
    /// All routes, in the order of docs/api.md.
    package static let all: [EndpointFacts] =
        [
            Endpoint.createShortApp.facts, Endpoint.shortApps.facts, Endpoint.shortApp.facts,
            Endpoint.replaceShortApp.facts, Endpoint.patchShortApp.facts, Endpoint.deleteShortApp.facts,
            Endpoint.runShortApp.facts, Endpoint.containers.facts, Endpoint.createApp.facts, Endpoint.apps.facts,
            Endpoint.app.facts, Endpoint.replaceApp.facts, Endpoint.patchApp.facts, Endpoint.deleteApp.facts,
            Endpoint.releases.facts, Endpoint.release.facts, Endpoint.rollBack.facts, Endpoint.startRuns.facts,
            Endpoint.runs.facts, Endpoint.run.facts, Endpoint.waitForRun.facts, Endpoint.removeRun.facts,
        ] + Endpoint.actions.map { Endpoint.act($0).facts } + [
            Endpoint.events.facts, Endpoint.hosts.facts, Endpoint.host.facts, Endpoint.trustHost.facts,
            Endpoint.alive.facts, Endpoint.ready.facts, Endpoint.metrics.facts, Endpoint.version.facts,
        ]
}
