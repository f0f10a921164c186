/// An app as `/v1/apps` answers it.
package struct AppJSON: Sendable, Equatable {
    package let name: String
    package let settings: AppSettingsJSON
    /// The number of the current release.
    package let release: Int
    /// RFC 3339.
    package let createdAt: String
    /// RFC 3339.
    package let updatedAt: String

    package init(name: String, settings: AppSettingsJSON, release: Int, createdAt: String, updatedAt: String) {
        self.name = name
        self.settings = settings
        self.release = release
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    package var json: JSONValue {
        var object = settings.object(after: [("name", .string(name))])
        object.set("release", to: JSONValue(release))
        object.set("created_at", to: .string(createdAt))
        object.set("updated_at", to: .string(updatedAt))
        return .object(object)
    }
}
