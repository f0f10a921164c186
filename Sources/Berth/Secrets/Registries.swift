package import DockerEngine

/// The logins for registries, which every pull from them uses.
package struct Registries: Sendable {
    let store: Store
    let key: SecretKey

    /// All logins, by server.
    package func list() async throws -> [Registry] { try await store.registries() }

    /// - Throws: `BerthError` `registryNotFound`.
    package func get(_ server: RegistryServer) async throws -> Registry {
        guard let registry = try await store.registry(server) else { throw BerthError.registryNotFound(server) }
        return registry
    }

    /// Sets the login for a registry; pulls that begin later use it.
    ///
    /// - Throws: `BerthError` `tooManyRegistries`.
    package func set(
        _ server: RegistryServer,
        _ username: String,
        _ password: SecretValue,
        by caller: Caller
    ) async throws {
        try await store.set(
            Registry(
                server: server,
                username: username,
                password: try key.encrypt(password.text, at: .registry(server)),
                updatedAt: .now(),
                updatedBy: caller.name
            )
        )
    }

    /// - Throws: `BerthError` `registryNotFound`.
    package func delete(_ server: RegistryServer) async throws {
        guard try await store.deleteRegistry(server) else { throw BerthError.registryNotFound(server) }
    }

    /// The login for pulls of an image; nil if there is none.
    ///
    /// - Throws: `BerthError` `registryUnreadable`.
    func credentials(for image: ImageReference) async throws -> RegistryCredentials? {
        guard let registry = try await store.registry(image.registry) else { return nil }
        do {
            let password = try key.decrypt(registry.password, at: registry.place)
            return RegistryCredentials(server: registry.server, username: registry.username, password: password)
        } catch {
            throw BerthError.registryUnreadable(registry.server)
        }
    }
}
