// Apps and their releases.

extension Endpoint<AppJSON> {
    package static let createApp = Endpoint(
        .post,
        "/v1/apps",
        needs: .edit,
        body: .settings(["name"]),
        status: 201,
        hasEntityTag: true,
        problems: [.appExists]
    )
    package static let app = Endpoint(
        .get,
        "/v1/apps/{app}",
        needs: .view,
        status: 200,
        304,
        hasEntityTag: true,
        problems: [.appNotFound]
    )
    package static let replaceApp = Endpoint(
        .put,
        "/v1/apps/{app}",
        needs: .edit,
        body: .settings(["name"]),
        hasEntityTag: true,
        problems: [.appNotFound, .releaseChanged]
    )
    package static let patchApp = Endpoint(
        .patch,
        "/v1/apps/{app}",
        needs: .edit,
        body: .settings(["name"]),
        hasEntityTag: true,
        problems: [.appNotFound, .releaseChanged]
    )
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
    private static let deletion: [ProblemCode] =
        [.appNotFound, .releaseChanged, .appHasRunningContainers] + .ofEngine

    package static let deleteApp = Endpoint(
        .delete,
        "/v1/apps/{app}",
        needs: .edit,
        parameters: ["force"],
        status: 204,
        hasEntityTag: true,
        problems: deletion
    )
    package static let deleteShortApp = Endpoint(
        .delete,
        "/apps/{app}",
        needs: .edit,
        parameters: ["force"],
        status: 204,
        hasEntityTag: true,
        problems: deletion
    )
}

// The short form.

extension Endpoint<ShortAppJSON> {
    private static let fields = EndpointFacts.Body.fields(["name", "image", "command", "variables"])

    package static let createShortApp = Endpoint(
        .post,
        "/apps",
        needs: .edit,
        body: fields,
        status: 201,
        hasEntityTag: true,
        problems: [.appExists]
    )
    package static let shortApp = Endpoint(
        .get,
        "/apps/{app}",
        needs: .view,
        status: 200,
        304,
        hasEntityTag: true,
        problems: [.appNotFound]
    )
    package static let replaceShortApp = Endpoint(
        .put,
        "/apps/{app}",
        needs: .edit,
        body: fields,
        hasEntityTag: true,
        problems: [.appNotFound, .releaseChanged]
    )
    package static let patchShortApp = Endpoint(
        .patch,
        "/apps/{app}",
        needs: .edit,
        body: fields,
        hasEntityTag: true,
        problems: [.appNotFound, .releaseChanged]
    )
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
