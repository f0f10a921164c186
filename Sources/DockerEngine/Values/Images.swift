/// The response of `GET /images/{name}/json`, reduced to the fields in use.
package struct ImageDetails: Decodable, Sendable, Equatable {
    /// `sha256:…`.
    package let id: String
    package let tags: [String]?
    package let config: ContainerConfig?

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case tags = "RepoTags"
        case config = "Config"
    }
}

/// One element of `GET /images/json`.
package struct ImageSummary: Decodable, Sendable, Equatable {
    package let id: ImageID
    /// Its names with a tag; empty for an image that was pulled by its digest, or that has lost its names.
    package let tags: [ImageReference]
    /// Its names with a digest, one for each repository that it was pulled from or pushed to.
    package let digests: [ImageReference]
    /// In bytes, with the layers that it shares with other images.
    package let size: Int64
    /// When it was built, in seconds since 1970.
    package let created: Int64

    package init(id: ImageID, tags: [ImageReference], digests: [ImageReference] = [], size: Int64, created: Int64) {
        self.id = id
        self.tags = tags
        self.digests = digests
        self.size = size
        self.created = created
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(ImageID.self, forKey: .id)
        // Engines write `<none>:<none>` for no name.
        tags = (try container.decodeIfPresent([String].self, forKey: .tags) ?? []).compactMap {
            try? ImageReference($0)
        }
        digests = (try container.decodeIfPresent([String].self, forKey: .digests) ?? [])
            .compactMap { try? ImageReference($0) }
        size = max(0, try container.decode(Int64.self, forKey: .size))
        // From year 1 to year 9999.
        created = min(max(try container.decode(Int64.self, forKey: .created), -62_135_596_800), 253_402_300_799)
    }

    /// All of its names.
    package var names: [ImageReference] { tags + digests }

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case tags = "RepoTags"
        case digests = "RepoDigests"
        case size = "Size"
        case created = "Created"
    }
}

/// One line of a pull's progress.
package struct PullProgress: Decodable, Sendable, Equatable {
    /// The layer's short id, if the line is about a layer.
    package let layer: String?
    package let status: String?
    package let detail: Detail?
    /// Why the pull failed.
    ///
    /// The engine sends it inside a response with status 200, in which ``error`` is deprecated.
    let errorDetail: ErrorDetail?
    let error: String?

    var failure: String? { errorDetail?.message ?? error }

    /// The line without the secrets.
    func hiding(_ hidden: HiddenTexts) -> PullProgress {
        guard !hidden.isEmpty else { return self }
        return PullProgress(
            layer: layer.map { hidden.hide(in: $0) },
            status: status.map { hidden.hide(in: $0) },
            detail: detail
        )
    }

    package init(layer: String?, status: String?, detail: Detail? = nil) {
        self.layer = layer
        self.status = status
        self.detail = detail
        errorDetail = nil
        error = nil
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        layer = try container.decodeIfPresent(String.self, forKey: .layer).map(singleLine)
        status = try container.decodeIfPresent(String.self, forKey: .status).map(singleLine)
        detail = try container.decodeIfPresent(Detail.self, forKey: .detail)
        errorDetail = try container.decodeIfPresent(ErrorDetail.self, forKey: .errorDetail)
        error = try container.decodeIfPresent(String.self, forKey: .error)
    }

    package struct Detail: Decodable, Sendable, Equatable {
        /// So far.
        package let current: Int64?
        /// In all.
        package let total: Int64?
        /// False if these are of another unit: engines with containerd's image store count the seconds of unpacking.
        package let areBytes: Bool

        package init(current: Int64?, total: Int64? = nil, areBytes: Bool = true) {
            self.current = current
            self.total = total
            self.areBytes = areBytes
        }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            current = try container.decodeIfPresent(Int64.self, forKey: .current)
            total = try container.decodeIfPresent(Int64.self, forKey: .total)
            areBytes = try container.decodeIfPresent(String.self, forKey: .units)?.isEmpty ?? true
        }

        private enum CodingKeys: String, CodingKey {
            case current
            case total
            case units
        }
    }

    struct ErrorDetail: Decodable, Sendable, Equatable {
        let message: String?
    }

    private enum CodingKeys: String, CodingKey {
        case layer = "id"
        case status
        case detail = "progressDetail"
        case errorDetail
        case error
    }
}
