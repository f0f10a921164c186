import Berth
import BerthAPI
import DockerEngine
import HTTPTypes
import Hummingbird
import JSON
import ServiceLifecycle

/// Routes for the images of hosts.
struct ImageRoutes: Sendable {
    let images: Images
    let hosts: Hosts

    var routes: [Route] {
        [
            Route(.images, list),
            Route(.pullImage, body: PullInput.schema, pull),
            Route(.removeImage, remove),
            Route(.pruneImages, body: PruneInput.schema, prune),
        ]
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let page = query.page { ImagePosition(cursor: $0) }
        let host = query.optional("host", .string())
        try query.check()
        let (found, uses) = try await images.list(on: chosen(host), in: context.principal.scope)
        let sorted = found.map { (ImagePosition(of: $0), $0) }.sorted { $0.0 < $1.0 }
        let rest = sorted.drop { position, _ in page.after.map { position <= $0 } ?? false }.prefix(page.limit + 1)
        return Response(page: Array(rest), limit: page.limit, cursor: \.0.cursor) { ImageJSON($0.1, uses).json }
    }

    @Sendable private func pull(_ request: Request, _ context: APIContext) async throws -> Response {
        let input = try PullInput(await request.json(), hosts: hosts.names)
        let pull = try await images.pull(input.image, on: hosts.chosen(input.host))
        try await stoppingWithServer { try await pull.waitForProgress() }
        return Response(streaming: "application/x-ndjson", request, context) { output in
            var last = PullJSON()
            do {
                last.imageID = try await cancelWhenGracefulShutdown {
                    try await pull.read { try await output.send(lines: $0.map { PullJSON($0).json }) }
                }.description
            } catch {
                last.error = Problem(error).json(requestID: context.requestID)
            }
            try await output.send(lines: [last.json])
        }
    }

    @Sendable private func remove(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let host = query.optional("host", .string())
        try query.check()
        guard let id = ImageID(context.parameters.get("image") ?? "") else { throw BerthError.imageNotFound(nil) }
        try await images.remove(id, on: try chosen(host))
        return Response(status: .noContent)
    }

    @Sendable private func prune(_ request: Request, _ context: APIContext) async throws -> Response {
        let input = try PruneInput(await request.json(orIfEmpty: [:]), hosts: hosts.names)
        let removed = try await images.prune(on: hosts.chosen(input.host), keepReleases: input.keepReleases)
        return Response(.ok, PrunedImagesJSON(removed).json)
    }

    /// The host that a query names.
    private func chosen(_ text: String?) throws -> HostName {
        guard let text else { return try hosts.chosen(nil) }
        guard let name = try? HostName(text) else { throw BerthError.hostNotFound(nil) }
        return name
    }
}

extension Hosts {
    /// The host that a request names, or the only one.
    ///
    /// - Throws: `FieldErrors` if it names none of several: what is done with images should not depend on their order.
    fileprivate func chosen(_ name: HostName?) throws -> HostName {
        if let name { return name }
        guard all.count == 1 else {
            throw FieldErrors("is required, since there are several hosts", at: .root.member("host"))
        }
        return all[0].name
    }
}

/// The body of a pull.
private struct PullInput {
    let image: ImageReference
    let host: HostName?

    static let schema = ObjectReader.schema(title: "ImagePull") { body in _ = try? PullInput(&body, hosts: []) }

    /// - Parameter hosts: the existing hosts.
    init(_ json: JSONValue, hosts: [HostName]) throws(FieldErrors) {
        var body = ObjectReader(json)
        try self.init(&body, hosts: hosts)
    }

    private init(_ body: inout ObjectReader, hosts: [HostName]) throws(FieldErrors) {
        host = body.host(among: hosts)
        image = try body.finish(body.required("image", .image))
    }
}

/// The body of a prune.
private struct PruneInput {
    let host: HostName?
    /// How many of the newest releases of each app keep their images.
    let keepReleases: Int

    static let schema = ObjectReader.schema(title: "ImagePrune") { body in _ = try? PruneInput(&body, hosts: []) }

    /// - Parameter hosts: the existing hosts.
    init(_ json: JSONValue, hosts: [HostName]) throws(FieldErrors) {
        var body = ObjectReader(json)
        try self.init(&body, hosts: hosts)
    }

    private init(_ body: inout ObjectReader, hosts: [HostName]) throws(FieldErrors) {
        host = body.host(among: hosts)
        keepReleases = body.optional("keep_releases", .integer(in: 1...1000)) ?? 5
        try body.finish()
    }
}

/// The place of an image in lists, the newest first.
private struct ImagePosition: Comparable {
    /// In seconds since 1970.
    let created: Int64
    let id: ImageID

    init(of image: ImageSummary) { (created, id) = (image.created, image.id) }

    /// Nil for a text that is no cursor.
    init?(cursor: String) {
        let parts = cursor.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let created = Int64(parts[0]), let id = ImageID(parts[1]) else { return nil }
        self.created = created
        self.id = id
    }

    var cursor: String { "\(created)/\(id)" }

    static func < (left: ImagePosition, right: ImagePosition) -> Bool {
        (right.created, left.id) < (left.created, right.id)
    }
}

extension ImageJSON {
    init(_ image: ImageSummary, _ uses: ImageUses) {
        self.init()
        id = image.id.description
        tags = image.tags.map(\.description)
        size = image.size
        createdAt = Timestamp(milliseconds: image.created * 1000).description
        usedByRuns = uses.runs(of: image)
        usedByReleases = uses.releases(of: image)
    }
}

extension PullJSON {
    init(_ progress: PullProgress) {
        self.init()
        layer = progress.layer
        status = progress.status
        guard let detail = progress.detail, detail.areBytes else { return }
        currentBytes = detail.current.map { max(0, $0) }
        totalBytes = detail.total.map { max(0, $0) }
    }
}

extension PrunedImagesJSON {
    init(_ images: [ImageSummary]) {
        self.init()
        removed = images.map { image in
            var removed = RemovedImageJSON()
            (removed.id, removed.tags) = (image.id.description, image.tags.map(\.description))
            removed.size = image.size
            return removed
        }
        for image in images {
            let (sum, isTooLarge) = reclaimedBytes.addingReportingOverflow(image.size)
            reclaimedBytes = isTooLarge ? .max : sum
        }
    }
}
