package import JSON

/// The version of this program and its API.
package struct VersionJSON: JSONRecord {
    package var version = ""
    package var api = ""

    package init() {}

    package static let current: VersionJSON = {
        var json = VersionJSON()
        json.version = Version.current
        json.api = "v1"
        return json
    }()

    package static let fields: [JSONField<VersionJSON>] = [
        .init("version", \.version, .string()),
        .init("api", \.api, .string()),
    ]
}

package enum Version {
    package static let current = "0.1.0"
}

/// The response of `/healthz` and `/readyz`.
package struct StatusJSON: JSONRecord {
    package var status = ""

    package init() {}

    package init(_ status: String) { self.status = status }

    package static let fields: [JSONField<StatusJSON>] = [.init("status", \.status, .string())]
}
