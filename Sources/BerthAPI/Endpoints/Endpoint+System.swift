// Hosts, events, and the server itself.

extension Endpoint<PageJSON<HostJSON>> {
    package static let hosts = Endpoint(
        "listHosts",
        .get,
        "/v1/hosts",
        "Lists the hosts.",
        needs: .view,
        parameters: [.limit, .cursor],
        usesStore: false
    )
}

extension Endpoint<HostJSON> {
    package static let host = Endpoint(
        "getHost",
        .get,
        "/v1/hosts/{host}",
        "Returns a host.",
        needs: .view,
        usesStore: false,
        problems: [.hostNotFound]
    )
    package static let addHost = Endpoint(
        "addHost",
        .post,
        "/v1/hosts",
        "Adds a host, and begins to connect to it.",
        needs: .administer,
        body: .fields(["name", "endpoint"]),
        status: 201,
        problems: [.hostExists, .tooManyHosts]
    )
    package static let patchHost = Endpoint(
        "patchHost",
        .patch,
        "/v1/hosts/{host}",
        "Changes the endpoint of a host, by a JSON merge patch (RFC 7396).",
        needs: .administer,
        body: .fields(["endpoint"]),
        problems: [.hostNotFound, .hostFromFlag]
    )
    package static let drainHost = draining("drainHost", "drain", "Lets a host get no new runs.")
    package static let undrainHost = draining("undrainHost", "undrain", "Lets a drained host get new runs again.")
    package static let trustHost = Endpoint(
        "trustHost",
        .post,
        "/v1/hosts/{host}/trust",
        "Approves the key that a host's SSH server presented.",
        needs: .administer,
        body: .fields(["fingerprint"]),
        problems: [.hostNotFound, .nothingToTrust, .fingerprintMismatch]
    )

    private static func draining(_ id: String, _ action: String, _ summary: String) -> Endpoint {
        Endpoint(
            id,
            .post,
            "/v1/hosts/{host}/\(action)",
            summary,
            needs: .administer,
            body: .empty,
            problems: [.hostNotFound]
        )
    }
}

extension Endpoint<NoBody> {
    package static let deleteHost = Endpoint(
        "deleteHost",
        .delete,
        "/v1/hosts/{host}",
        "Removes a host; its containers stay as they are.",
        needs: .administer,
        parameters: [.forceHost],
        status: 204,
        problems: [.hostNotFound, .hostFromFlag, .hostInUse]
    )
}

extension Endpoint<EventsBody> {
    package static let events = Endpoint(
        "followEvents",
        .get,
        "/v1/events",
        "Sends changes of runs, apps and hosts as server-sent events.",
        needs: .view,
        parameters: [.app, .run, .host]
    )
}

extension Endpoint<StatusJSON> {
    package static let alive = Endpoint(
        "checkHealth",
        .get,
        "/healthz",
        "Responds while the server runs.",
        needs: .anyone,
        usesStore: false
    )
    package static let ready = Endpoint(
        "checkReadiness",
        .get,
        "/readyz",
        "Responds while the server can read and write its database.",
        needs: .anyone,
        problems: [.storeFull]
    )
}

extension Endpoint<MetricsBody> {
    package static let metrics = Endpoint(
        "getMetrics",
        .get,
        "/metrics",
        "Returns metrics in Prometheus's or OpenMetrics' text format.",
        needs: .view,
        usesStore: false,
        problems: [.noMetrics]
    )
}

extension Endpoint<VersionJSON> {
    package static let version = Endpoint(
        "getVersion",
        .get,
        "/v1/version",
        "Returns the version of the server and its API.",
        needs: .view,
        usesStore: false
    )
}

extension Endpoint<OpenAPIBody> {
    package static let openAPI = Endpoint(
        "getOpenAPI",
        .get,
        "/openapi.json",
        "Returns this API as an OpenAPI 3.1 document.",
        needs: .anyone,
        usesStore: false
    )
}

extension Endpoint<HTMLBody> {
    package static let documentation = Endpoint(
        "getDocumentation",
        .get,
        "/docs",
        "Returns the reference of this API as a web page.",
        needs: .anyone,
        usesStore: false
    )
}

extension EndpointFacts {
    /// All routes, in the order of docs/api.md.
    package static let all: [EndpointFacts] =
        [
            Endpoint.createShortApp.facts, Endpoint.shortApps.facts, Endpoint.shortApp.facts,
            Endpoint.replaceShortApp.facts, Endpoint.patchShortApp.facts, Endpoint.deleteShortApp.facts,
            Endpoint.runShortApp.facts, Endpoint.containers.facts, Endpoint.createApp.facts, Endpoint.apps.facts,
            Endpoint.app.facts, Endpoint.replaceApp.facts, Endpoint.patchApp.facts, Endpoint.deleteApp.facts,
            Endpoint.releases.facts, Endpoint.release.facts, Endpoint.rollBack.facts, Endpoint.appLogs.facts,
            Endpoint.startRuns.facts, Endpoint.runs.facts, Endpoint.run.facts, Endpoint.waitForRun.facts,
            Endpoint.runLogs.facts, Endpoint.runStats.facts, Endpoint.removeRun.facts, Endpoint.execute.facts,
            Endpoint.execSession.facts, Endpoint.execOutput.facts, Endpoint.writeExecInput.facts,
            Endpoint.resizeExec.facts, Endpoint.deleteExec.facts,
        ] + Endpoint.actions.map { Endpoint.act($0).facts } + [
            Endpoint.images.facts, Endpoint.pullImage.facts, Endpoint.removeImage.facts, Endpoint.pruneImages.facts,
            Endpoint.events.facts, Endpoint.addHost.facts, Endpoint.hosts.facts, Endpoint.host.facts,
            Endpoint.patchHost.facts, Endpoint.deleteHost.facts, Endpoint.drainHost.facts, Endpoint.undrainHost.facts,
            Endpoint.trustHost.facts, Endpoint.secrets.facts, Endpoint.setSecret.facts, Endpoint.deleteSecret.facts,
            Endpoint.registries.facts, Endpoint.registry.facts, Endpoint.setRegistry.facts,
            Endpoint.deleteRegistry.facts, Endpoint.createToken.facts, Endpoint.tokens.facts,
            Endpoint.deleteToken.facts, Endpoint.me.facts, Endpoint.beginSession.facts, Endpoint.endSession.facts,
            Endpoint.policy.facts, Endpoint.replacePolicy.facts, Endpoint.audit.facts, Endpoint.alive.facts,
            Endpoint.ready.facts, Endpoint.metrics.facts,
            Endpoint.version.facts,
            Endpoint.openAPI.facts, Endpoint.documentation.facts,
        ]
}
