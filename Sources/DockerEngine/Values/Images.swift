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

    package struct Detail: Decodable, Sendable, Equatable {
        /// Bytes so far.
        package let current: Int64?
        /// Bytes in all.
        package let total: Int64?
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
