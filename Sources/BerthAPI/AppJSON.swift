package import JSON

/// An app as `/v1/apps` answers it.
package struct AppJSON: Sendable, Equatable {
    package let name: String
    /// Each setting by its name.
    package let settings: JSONObject
    /// The number of the current release.
    package let release: Int
    /// RFC 3339.
    package let createdAt: String
    /// RFC 3339.
    package let updatedAt: String

    package init(name: String, settings: JSONObject, release: Int, createdAt: String, updatedAt: String) {
        self.name = name
        self.settings = settings
        self.release = release
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    package var json: JSONValue {
        var object: JSONObject = ["name": .string(name)]
        object.append(settings)
        object.append([
            "release": JSONValue(release), "created_at": .string(createdAt), "updated_at": .string(updatedAt),
        ])
        return .object(object)
    }
}
