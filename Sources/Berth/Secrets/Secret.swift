package import DockerEngine

/// A secret of an app, encrypted.
package struct Secret: Sendable, Equatable {
    package let app: AppName
    package let name: SecretName
    let value: EncryptedText
    package let updatedAt: Timestamp
    /// The name of the token that has set it.
    package let updatedBy: String

    /// The most secrets of one app.
    package static let maximumCount = 100

    var place: SecretPlace { .secret(name, of: app) }
}

/// A login for a registry, with an encrypted password.
package struct Registry: Sendable, Equatable {
    package let server: RegistryServer
    package let username: String
    let password: EncryptedText
    package let updatedAt: Timestamp
    package let updatedBy: String

    package static let maximumCount = 1000

    var place: SecretPlace { .registry(server) }
}
