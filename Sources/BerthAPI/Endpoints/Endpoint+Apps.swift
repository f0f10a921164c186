// Apps and their releases.

extension Endpoint<AppJSON> {
    package static let createApp = Endpoint(
        "createApp",
        .post,
        "/v1/apps",
        "Creates an app.",
        needs: .edit,
        body: .settings(["name"]),
        status: 201,
        hasEntityTag: true,
        problems: [.appExists]
    )
    package static let app = Endpoint(
        "getApp",
        .get,
        "/v1/apps/{app}",
        "Returns an app.",
        needs: .view,
        status: 200,
        304,
        hasEntityTag: true,
        problems: [.appNotFound]
    )
    package static let replaceApp = Endpoint(
        "replaceApp",
        .put,
        "/v1/apps/{app}",
        "Replaces all settings of an app.",
        needs: .edit,
        body: .settings(["name"]),
        hasEntityTag: true,
        problems: [.appNotFound, .releaseChanged]
    )
    package static let patchApp = Endpoint(
        "patchApp",
        .patch,
        "/v1/apps/{app}",
        "Changes some settings of an app, by a JSON merge patch (RFC 7396).",
        needs: .edit,
        body: .settings(["name"]),
        hasEntityTag: true,
        problems: [.appNotFound, .releaseChanged]
    )
    package static let rollBack = Endpoint(
        "rollBackApp",
        .post,
        "/v1/apps/{app}/rollback",
        "Makes a new release with the settings of an earlier one.",
        needs: .edit,
        body: .fields(["release"]),
        hasEntityTag: true,
        problems: [.appNotFound, .releaseNotFound, .releaseChanged]
    )
}

extension Endpoint<PageJSON<AppJSON>> {
    package static let apps = Endpoint(
        "listApps",
        .get,
        "/v1/apps",
        "Lists apps by name.",
        needs: .view,
        parameters: [.limit, .cursor]
    )
}

extension Endpoint<PageJSON<ReleaseJSON>> {
    package static let releases = Endpoint(
        "listReleases",
        .get,
        "/v1/apps/{app}/releases",
        "Lists the releases of an app, the newest first.",
        needs: .view,
        parameters: [.limit, .cursor],
        problems: [.appNotFound]
    )
}

extension Endpoint<ReleaseJSON> {
    package static let release = Endpoint(
        "getRelease",
        .get,
        "/v1/apps/{app}/releases/{release}",
        "Returns a release of an app.",
        needs: .view,
        problems: [.appNotFound, .releaseNotFound]
    )
}

extension Endpoint<NoBody> {
    private static let deletion: [ProblemCode] =
        [.appNotFound, .releaseChanged, .appHasRunningContainers] + .ofEngine

    package static let deleteApp = Endpoint(
        "deleteApp",
        .delete,
        "/v1/apps/{app}",
        "Deletes an app, its finished containers and its records.",
        needs: .edit,
        parameters: [.force],
        status: 204,
        hasEntityTag: true,
        problems: deletion
    )
    package static let deleteShortApp = Endpoint(
        "deleteShortApp",
        .delete,
        "/apps/{app}",
        "Deletes an app, its finished containers and its records.",
        needs: .edit,
        parameters: [.force],
        status: 204,
        hasEntityTag: true,
        problems: deletion
    )
}

// The short form.

extension Endpoint<ShortAppJSON> {
    private static let fields = EndpointFacts.Body.fields(["name", "image", "command", "variables"])

    package static let createShortApp = Endpoint(
        "createShortApp",
        .post,
        "/apps",
        "Creates an app from four fields.",
        needs: .edit,
        body: fields,
        status: 201,
        hasEntityTag: true,
        problems: [.appExists]
    )
    package static let shortApp = Endpoint(
        "getShortApp",
        .get,
        "/apps/{app}",
        "Returns the four fields of an app.",
        needs: .view,
        status: 200,
        304,
        hasEntityTag: true,
        problems: [.appNotFound]
    )
    package static let replaceShortApp = Endpoint(
        "replaceShortApp",
        .put,
        "/apps/{app}",
        "Replaces the four fields of an app, and keeps its other settings.",
        needs: .edit,
        body: fields,
        hasEntityTag: true,
        problems: [.appNotFound, .releaseChanged]
    )
    package static let patchShortApp = Endpoint(
        "patchShortApp",
        .patch,
        "/apps/{app}",
        "Changes some of the four fields of an app, by a JSON merge patch (RFC 7396).",
        needs: .edit,
        body: fields,
        hasEntityTag: true,
        problems: [.appNotFound, .releaseChanged]
    )
}

extension Endpoint<[ShortAppJSON]> {
    package static let shortApps = Endpoint(
        "listShortApps",
        .get,
        "/apps",
        "Lists all apps by name.",
        needs: .view
    )
}

extension Endpoint<ContainerJSON> {
    package static let runShortApp = Endpoint(
        "runShortApp",
        .post,
        "/apps/run/{app}",
        "Starts one container of an app.",
        needs: .run,
        body: .empty,
        status: 201,
        problems: .ofStart
    )
}

extension Endpoint<[ContainerJSON]> {
    package static let containers = Endpoint(
        "listContainers",
        .get,
        "/apps/containers",
        "Lists the containers of all apps, or of one, the oldest first.",
        needs: .view,
        parameters: [.app],
        status: 200,
        304,
        usesStore: false,
        hasEntityTag: true
    )
}
