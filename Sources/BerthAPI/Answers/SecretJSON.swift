package import JSON

/// A secret, without its value.
package struct SecretJSON: JSONRecord {
    package var name = ""
    package var updatedAt = ""
    /// The name of the token that has set it.
    package var updatedBy = ""

    package init() {}

    package static let fields: [JSONField<SecretJSON>] = [
        .init("name", \.name, .string()),
        .init("updated_at", \.updatedAt, .time),
        .init("updated_by", \.updatedBy, .string()),
    ]
}

/// The login for a registry, without its password.
package struct RegistryJSON: JSONRecord {
    /// Its host, and its port if it has one.
    package var server = ""
    package var username = ""
    package var updatedAt = ""
    package var updatedBy = ""

    package init() {}

    package static let fields: [JSONField<RegistryJSON>] = [
        .init("server", \.server, .string()),
        .init("username", \.username, .string()),
        .init("updated_at", \.updatedAt, .time),
        .init("updated_by", \.updatedBy, .string()),
    ]
}
