// Apps and their releases.

// What both forms of an app have.
extension Endpoint {
    fileprivate static func creation(
        _ id: String,
        at path: String,
        _ summary: String,
        _ body: EndpointFacts.Body
    ) -> Endpoint {
        Endpoint(
            id,
            .post,
            path,
            summary,
            needs: .edit,
            body: body,
            status: 201,
            hasEntityTag: true,
            problems: [.appExists, .policyDenied]
        )
    }

    fileprivate static func reading(_ id: String, at path: String, _ summary: String) -> Endpoint {
        Endpoint(
            id,
            .get,
            path,
            summary,
            needs: .view,
            status: 200,
            304,
            hasEntityTag: true,
            problems: [.appNotFound]
        )
    }

    /// - Parameter method: `put` or `patch`.
    fileprivate static func change(
        _ id: String,
        _ method: EndpointFacts.Method,
        at path: String,
        _ summary: String,
        _ body: EndpointFacts.Body
    ) -> Endpoint {
        Endpoint(
            id,
            method,
            path,
            summary,
            needs: .edit,
            body: body,
            hasEntityTag: true,
            problems: [.appNotFound, .releaseChanged, .policyDenied]
        )
    }

    fileprivate static func deletion(_ id: String, at path: String) -> Endpoint {
        Endpoint(
            id,
            .delete,
            path,
            "Deletes an app, its finished containers and its records.",
            needs: .edit,
            parameters: [.force],
            status: 204,
            hasEntityTag: true,
            problems: [.appNotFound, .releaseChanged, .appHasRunningContainers] + .ofEngine
        )
    }
}

extension Endpoint<AppJSON> {
    package static let createApp = creation("createApp", at: "/v1/apps", "Creates an app.", .settings(["name"]))
    package static let app = reading("getApp", at: "/v1/apps/{app}", "Returns an app.")
    package static let replaceApp = change(
        "replaceApp",
        .put,
        at: "/v1/apps/{app}",
        "Replaces all settings of an app.",
        .settings(["name"])
    )
    package static let patchApp = change(
        "patchApp",
        .patch,
        at: "/v1/apps/{app}",
        "Changes some settings of an app, by a JSON merge patch (RFC 7396).",
        .settings(["name"])
    )
    package static let rollBack = Endpoint(
        "rollBackApp",
        .post,
        "/v1/apps/{app}/rollback",
        "Makes a new release with the settings of an earlier one.",
        needs: .edit,
        body: .fields(["release"]),
        hasEntityTag: true,
        problems: [.appNotFound, .releaseNotFound, .releaseChanged, .policyDenied]
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

extension Endpoint<LogBody> {
    package static let appLogs = Endpoint(
        "readAppLogs",
        .get,
        "/v1/apps/{app}/logs",
        "Returns the output of an app's runs by time, and follows it.",
        needs: .view,
        parameters: [.follow, .tail, .since, .until, .timestamps, .stream],
        problems: [.appNotFound, .hostNotFound] + .ofEngine
    )
}

extension Endpoint<NoBody> {
    package static let deleteApp = deletion("deleteApp", at: "/v1/apps/{app}")
    package static let deleteShortApp = deletion("deleteShortApp", at: "/apps/{app}")
}

// The short form.

extension Endpoint<ShortAppJSON> {
    private static let fields = EndpointFacts.Body.fields(["name", "image", "command", "variables"])

    package static let createShortApp = creation(
        "createShortApp",
        at: "/apps",
        "Creates an app from four fields.",
        fields
    )
    package static let shortApp = reading("getShortApp", at: "/apps/{app}", "Returns the four fields of an app.")
    package static let replaceShortApp = change(
        "replaceShortApp",
        .put,
        at: "/apps/{app}",
        "Replaces the four fields of an app, and keeps its other settings.",
        fields
    )
    package static let patchShortApp = change(
        "patchShortApp",
        .patch,
        at: "/apps/{app}",
        "Changes some of the four fields of an app, by a JSON merge patch (RFC 7396).",
        fields
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
