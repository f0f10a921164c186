extension Endpoint<PageJSON<ImageJSON>> {
    package static let images = Endpoint(
        "listImages",
        .get,
        "/v1/images",
        "Lists the images of a host, the newest first.",
        needs: .view,
        parameters: [.imagesHost, .limit, .cursor],
        problems: [.hostNotFound] + .ofEngine
    )
}

extension Endpoint<PullBody> {
    package static let pullImage = Endpoint(
        "pullImage",
        .post,
        "/v1/images/pull",
        "Pulls an image to a host, and reports the progress.",
        needs: .run,
        body: .fields(["image", "host"]),
        takesKey: false,
        problems: [.hostNotFound, .policyDenied, .secretUnreadable] + .ofEngine
    )
}

extension Endpoint<NoBody> {
    package static let removeImage = Endpoint(
        "removeImage",
        .delete,
        "/v1/images/{image}",
        "Removes an image that nothing uses.",
        needs: .administer,
        parameters: [.imagesHost],
        status: 204,
        problems: [.hostNotFound, .imageNotFound, .imageInUse] + .ofEngine
    )
}

extension Endpoint<PrunedImagesJSON> {
    package static let pruneImages = Endpoint(
        "pruneImages",
        .post,
        "/v1/images/prune",
        "Removes the images of earlier releases that nothing uses any more.",
        needs: .administer,
        body: .fields(["host", "keep_releases"]),
        problems: [.hostNotFound] + .ofEngine
    )
}
