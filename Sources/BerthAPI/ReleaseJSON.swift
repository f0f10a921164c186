package import JSON

/// One immutable version of an app's settings, as `/v1/apps/{app}/releases` answers it.
package struct ReleaseJSON: Sendable, Equatable {
    package let app: String
    package let release: Int
    /// RFC 3339.
    package let createdAt: String
    /// Nil for those of before this was kept.
    package let createdBy: String?
    /// `created`, `changed`, `rolled_back` or `adopted`.
    package let origin: String
    /// The release whose settings these are; nil unless it was rolled back to.
    package let restoredRelease: Int?
    /// Each setting by its name.
    package let settings: JSONObject

    package init(
        app: String,
        release: Int,
        createdAt: String,
        createdBy: String?,
        origin: String,
        restoredRelease: Int?,
        settings: JSONObject
    ) {
        self.app = app
        self.release = release
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.origin = origin
        self.restoredRelease = restoredRelease
        self.settings = settings
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "app": .string(app), "release": JSONValue(release), "created_at": .string(createdAt),
            "created_by": JSONValue(createdBy), "origin": .string(origin),
            "restored_release": JSONValue(restoredRelease),
        ]
        object.append(settings)
        return .object(object)
    }
}
