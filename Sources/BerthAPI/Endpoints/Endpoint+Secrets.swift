// Secrets of apps, and logins for registries.

extension Endpoint<PageJSON<SecretJSON>> {
    package static let secrets = Endpoint(
        "listSecrets",
        .get,
        "/v1/apps/{app}/secrets",
        "Lists the names of an app's secrets.",
        needs: .view,
        parameters: [.limit, .cursor],
        problems: [.appNotFound]
    )
}

extension Endpoint<PageJSON<RegistryJSON>> {
    package static let registries = Endpoint(
        "listRegistries",
        .get,
        "/v1/registries",
        "Lists the logins for registries by server, without their passwords.",
        needs: .administer,
        parameters: [.limit, .cursor]
    )
}

extension Endpoint<RegistryJSON> {
    package static let registry = Endpoint(
        "getRegistry",
        .get,
        "/v1/registries/{server}",
        "Returns the login for a registry, without its password.",
        needs: .administer,
        problems: [.registryNotFound]
    )
}

extension Endpoint<NoBody> {
    package static let setSecret = Endpoint(
        "setSecret",
        .put,
        "/v1/apps/{app}/secrets/{secret}",
        "Sets a secret of an app, which later runs get as a variable.",
        needs: .edit,
        body: .fields(["value"]),
        status: 204,
        problems: [.appNotFound, .tooManySecrets]
    )
    package static let deleteSecret = Endpoint(
        "deleteSecret",
        .delete,
        "/v1/apps/{app}/secrets/{secret}",
        "Deletes a secret of an app; its containers keep it.",
        needs: .edit,
        status: 204,
        problems: [.appNotFound, .secretNotFound]
    )
    package static let setRegistry = Endpoint(
        "setRegistry",
        .put,
        "/v1/registries/{server}",
        "Sets the login for a registry, which every later pull from it uses.",
        needs: .administer,
        body: .fields(["username", "password"]),
        status: 204,
        problems: [.tooManyRegistries]
    )
    package static let deleteRegistry = Endpoint(
        "deleteRegistry",
        .delete,
        "/v1/registries/{server}",
        "Deletes the login for a registry.",
        needs: .administer,
        status: 204,
        problems: [.registryNotFound]
    )
}
