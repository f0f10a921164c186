package import JSON

/// The version of this program and its API.
package enum Version {
    package static let current = "0.1.0"

    package static var json: JSONValue { ["version": .string(current), "api": "v1"] }
}
