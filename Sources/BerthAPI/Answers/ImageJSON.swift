package import JSON

/// An image of a host.
package struct ImageJSON: JSONRecord {
    /// `sha256:…`.
    package var id = ""
    package var tags: [String] = []
    /// With the layers that it shares with other images.
    package var size: Int64 = 0
    /// When it was built.
    package var createdAt = ""
    /// The number of live runs whose container uses it.
    package var usedByRuns = 0
    /// The number of releases that name it.
    package var usedByReleases = 0

    package init() {}

    package static let fields: [JSONField<ImageJSON>] = [
        .init("id", \.id, .string()),
        .init("tags", \.tags, .list(of: .string())),
        .init("size_bytes", \.size, .size),
        .init("created_at", \.createdAt, .time),
        .init("used_by_runs", \.usedByRuns, .integer()),
        .init("used_by_releases", \.usedByReleases, .integer()),
    ]
}

/// A line of a pull: progress; or the last one, with the id of the image or the problem.
package struct PullJSON: JSONRecord {
    /// The short id of the layer; absent if the line is about the image.
    package var layer: String?
    /// What the engine says, such as `Downloading`.
    package var status: String?
    package var currentBytes: Int64?
    package var totalBytes: Int64?
    /// `sha256:…`.
    package var imageID: String?
    /// Why the pull has failed after the response had begun.
    package var error: ProblemJSON?

    package init() {}

    package static let fields: [JSONField<PullJSON>] = [
        .init("layer", \.layer, .string(), isOmitted: true),
        .init("status", \.status, .string(), isOmitted: true),
        .init("current_bytes", \.currentBytes, .size, isOmitted: true),
        .init("total_bytes", \.totalBytes, .size, isOmitted: true),
        .init("image_id", \.imageID, .string(), isOmitted: true),
        .init("error", \.error, ProblemJSON.decoder, isOmitted: true),
    ]
}

/// The response of `POST /v1/images/prune`.
package struct PrunedImagesJSON: JSONRecord {
    package var removed: [RemovedImageJSON] = []
    /// The sum of their sizes; less was freed if they shared layers.
    package var reclaimedBytes: Int64 = 0

    package init() {}

    package static let fields: [JSONField<PrunedImagesJSON>] = [
        .init("removed", \.removed, .list(of: RemovedImageJSON.decoder, count: 0 ... .max)),
        .init("reclaimed_bytes", \.reclaimedBytes, .size),
    ]
}

package struct RemovedImageJSON: JSONRecord {
    package var id = ""
    package var tags: [String] = []
    package var size: Int64 = 0

    package init() {}

    package static let fields: [JSONField<RemovedImageJSON>] = [
        .init("id", \.id, .string()),
        .init("tags", \.tags, .list(of: .string())),
        .init("size_bytes", \.size, .size),
    ]
}
