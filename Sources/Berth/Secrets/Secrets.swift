/// The secrets of apps, which their runs get as variables.
///
/// A value can be set and used, and is never shown.
package struct Secrets: Sendable {
    let store: Store
    let key: SecretKey

    /// The secrets of an app, by name.
    ///
    /// - Throws: `BerthError` `appNotFound`.
    package func list(of app: AppName) async throws -> [Secret] { try await store.secrets(of: app) }

    /// Sets a secret; runs that start later get it.
    ///
    /// - Throws: `BerthError` `appNotFound`, `tooManySecrets`.
    package func set(_ name: SecretName, of app: AppName, to value: SecretValue, by caller: Caller) async throws {
        let place = SecretPlace.secret(name, of: app)
        try await store.set(
            Secret(
                app: app,
                name: name,
                value: try key.encrypt(value.text, at: place),
                updatedAt: .now(),
                updatedBy: caller.name
            )
        )
    }

    /// - Throws: `BerthError` `appNotFound`, `secretNotFound`.
    package func delete(_ name: SecretName, of app: AppName) async throws {
        try await store.deleteSecret(name, of: app)
    }

    /// The secrets as variables.
    ///
    /// - Throws: `BerthError` `secretUnreadable`.
    func variables(of secrets: [Secret]) throws(BerthError) -> Variables {
        var variables: [Variable?] = []
        for secret in secrets {
            do {
                let value = try key.decrypt(secret.value, at: secret.place)
                variables.append(try Variable(name: secret.name.description, value: value))
            } catch {
                throw .secretUnreadable(secret.name, secret.app)
            }
        }
        return Variables(fitting: variables)
    }
}
