package import JSON

/// One immutable version of an app's settings, in the form of `/v1/apps/{app}/releases`.
package struct ReleaseJSON: JSONRecord {
    package var app = ""
    package var release = 0
    package var createdAt = ""
    /// Nil for releases that are older than this field.
    package var createdBy: String?
    /// `created`, `changed`, `rolled_back` or `adopted`.
    package var origin = ""
    /// The release from which these settings were restored; nil unless this is a rollback.
    package var restoredRelease: Int?
    /// Settings by name.
    package var settings = JSONObject()

    package init() {}

    package static let fields: [JSONField<ReleaseJSON>] = [
        .init("app", \.app, .string()),
        .init("release", \.release, .integer()),
        .init("created_at", \.createdAt, .time),
        .init("created_by", \.createdBy, .string()),
        .init("origin", \.origin, .word(of: ["created", "changed", "rolled_back", "adopted"])),
        .init("restored_release", \.restoredRelease, .integer()),
        .init(rest: \.settings),
    ]
}
