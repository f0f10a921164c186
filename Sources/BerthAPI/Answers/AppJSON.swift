package import JSON

/// An app in the form of `/v1/apps`.
package struct AppJSON: JSONRecord {
    package var name = ""
    /// Settings by name.
    package var settings = JSONObject()
    /// The number of the current release.
    package var release = 0
    /// RFC 3339, as all times in the API.
    package var createdAt = ""
    package var updatedAt = ""

    package init() {}

    package static let fields: [JSONField<AppJSON>] = [
        .init("name", \.name, .string()),
        .init(rest: \.settings),
        .init("release", \.release, .integer()),
        .init("created_at", \.createdAt, .time),
        .init("updated_at", \.updatedAt, .time),
    ]
}
