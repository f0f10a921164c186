package import JSON

/// One immutable version of an app's settings, as `/v1/apps/{app}/releases` answers it.
package struct ReleaseJSON: JSONRecord {
    package var app = ""
    package var release = 0
    package var createdAt = ""
    /// Nil for releases from before this was recorded.
    package var createdBy: String?
    /// `created`, `changed`, `rolled_back` or `adopted`.
    package var origin = ""
    /// The release whose settings these are; nil unless it was rolled back to.
    package var restoredRelease: Int?
    /// Each setting by its name.
    package var settings = JSONObject()

    package init() {}

    package static let fields: [JSONField<ReleaseJSON>] = [
        .init("app", \.app, .string()),
        .init("release", \.release, .integer()),
        .init("created_at", \.createdAt, .string()),
        .init("created_by", \.createdBy, .string()),
        .init("origin", \.origin, .string()),
        .init("restored_release", \.restoredRelease, .integer()),
        .init(
            rest: \.settings,
            besides: ["app", "release", "created_at", "created_by", "origin", "restored_release"]
        ),
    ]
}
