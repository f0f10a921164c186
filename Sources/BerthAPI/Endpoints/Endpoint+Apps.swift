// Apps and their releases.

// What both forms of an app have.
extension Endpoint {
    fileprivate static func creation(at path: String, _ body: EndpointFacts.Body) -> Endpoint {
        Endpoint(.post, path, needs: .edit, body: body, status: 201, hasEntityTag: true, problems: [.appExists])
    }

    fileprivate static func reading(at path: String) -> Endpoint {
        Endpoint(.get, path, needs: .view, status: 200, 304, hasEntityTag: true, problems: [.appNotFound])
    }

    /// - Parameter method: `put` or `patch`.
    fileprivate static func change(
        _ method: EndpointFacts.Method,
        at path: String,
        _ body: EndpointFacts.Body
    ) -> Endpoint {
        Endpoint(
            method,
            path,
            needs: .edit,
            body: body,
            hasEntityTag: true,
            problems: [.appNotFound, .releaseChanged]
        )
    }

    fileprivate static func deletion(at path: String) -> Endpoint {
        Endpoint(
            .delete,
            path,
            needs: .edit,
            parameters: ["force"],
            status: 204,
            hasEntityTag: true,
            problems: [.appNotFound, .releaseChanged, .appHasRunningContainers] + .ofEngine
        )
    }
}

extension Endpoint<AppJSON> {
    package static let createApp = creation(at: "/v1/apps", .settings(["name"]))
    package static let app = reading(at: "/v1/apps/{app}")
    package static let replaceApp = change(.put, at: "/v1/apps/{app}", .settings(["name"]))
    package static let patchApp = change(.patch, at: "/v1/apps/{app}", .settings(["name"]))
    package static let rollBack = Endpoint(
        .post,
        "/v1/apps/{app}/rollback",
        needs: .edit,
        body: .fields(["release"]),
        hasEntityTag: true,
        problems: [.appNotFound, .releaseNotFound, .releaseChanged]
    )
}

extension Endpoint<PageJSON<AppJSON>> {
    package static let apps = Endpoint(.get, "/v1/apps", needs: .view, parameters: ["limit", "cursor"])
}

extension Endpoint<PageJSON<ReleaseJSON>> {
    package static let releases = Endpoint(
        .get,
        "/v1/apps/{app}/releases",
        needs: .view,
        parameters: ["limit", "cursor"],
        problems: [.appNotFound]
    )
}

extension Endpoint<ReleaseJSON> {
    package static let release = Endpoint(
        .get,
        "/v1/apps/{app}/releases/{release}",
        needs: .view,
        problems: [.appNotFound, .releaseNotFound]
    )
}

extension Endpoint<NoBody> {
    package static let deleteApp = deletion(at: "/v1/apps/{app}")
    package static let deleteShortApp = deletion(at: "/apps/{app}")
}

// The short form.

extension Endpoint<ShortAppJSON> {
    private static let fields = EndpointFacts.Body.fields(["name", "image", "command", "variables"])

    package static let createShortApp = creation(at: "/apps", fields)
    package static let shortApp = reading(at: "/apps/{app}")
    package static let replaceShortApp = change(.put, at: "/apps/{app}", fields)
    package static let patchShortApp = change(.patch, at: "/apps/{app}", fields)
}

extension Endpoint<[ShortAppJSON]> {
    package static let shortApps = Endpoint(.get, "/apps", needs: .view)
}

extension Endpoint<ContainerJSON> {
    package static let runShortApp = Endpoint(
        .post,
        "/apps/run/{app}",
        needs: .run,
        body: .empty,
        status: 201,
        problems: .ofStart
    )
}

extension Endpoint<[ContainerJSON]> {
    package static let containers = Endpoint(
        .get,
        "/apps/containers",
        needs: .view,
        parameters: ["app"],
        status: 200,
        304,
        usesStore: false,
        hasEntityTag: true
    )
}
