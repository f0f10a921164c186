import DockerEngine
import Testing

@testable import Berth
@testable import SQL

@Suite struct StoreSecretsTests {
    private let web: AppName
    private let key = SecretKey()

    init() throws { web = try AppName("web") }

    private func secret(_ name: String, _ value: String = "x", at time: Timestamp = .noon) throws -> Secret {
        let name = try SecretName(name)
        let text = try key.encrypt(value, at: .secret(name, of: web))
        return Secret(app: web, name: name, value: text, updatedAt: time, updatedBy: "tester")
    }

    @Test(arguments: StoreKind.available)
    func `Secrets are stored, replaced, listed by name and deleted`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(), at: .noon)
            let (first, second) = (try secret("B", String(repeating: "é", count: 32 << 10)), try secret("a"))
            for secret in [first, second, try secret("A")] { try await store.set(secret) }
            let changed = try secret("A", "y", at: .later)
            try await store.set(changed)
            #expect(try await store.secrets(of: web) == [changed, first, second])
            try await store.deleteSecret(first.name, of: web)
            #expect(try await store.secrets(of: web) == [changed, second])
            await #expect(throws: BerthError.secretNotFound(web)) { try await store.deleteSecret(first.name, of: web) }
            #expect(try await store.secretKeys() == [key.id])
            try await store.checkSecrets()
        }
    }

    @Test(arguments: StoreKind.available)
    func `An app has at most 100 secrets, which are deleted with it`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(), at: .noon)
            for number in 1...100 { try await store.set(secret("S\(number)")) }
            await #expect(throws: BerthError.tooManySecrets(web, limit: 100)) { try await store.set(secret("S101")) }
            try await store.set(secret("S100", "another"))
            #expect(try await store.deleteApp(web, withRuns: []))
            await #expect(throws: BerthError.appNotFound(web)) { try await store.secrets(of: web) }
            _ = try await store.createApp(web, .example(), at: .later)
            #expect(try await store.secrets(of: web).isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `Secrets need an app, and the database deletes those of a deleted one`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let secret = try secret("A")
            await #expect(throws: BerthError.appNotFound(web)) { try await store.set(secret) }
            await #expect(throws: BerthError.appNotFound(web)) { try await store.deleteSecret(secret.name, of: web) }
            _ = try await store.createApp(web, .example(), at: .noon)
            try await store.set(secret)
            try await store.database.write { connection in
                try connection.run("DELETE FROM releases", [])
                try connection.run("DELETE FROM apps", [])
            }
            #expect(try await store.database.read { try SQLTable.secrets.isEmpty(in: $0) })
        }
    }

    @Test(arguments: StoreKind.available)
    func `Logins are stored, replaced, listed by server and deleted`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let registries = Registries(store: store, key: key)
            let far = try #require(RegistryServer("Registry.example.org:5000"))
            try await registries.set(far, "a", SecretValue("1"), by: .tester)
            try await registries.set(.usual, "b", SecretValue("2"), by: .tester)
            try await registries.set(far, "c", SecretValue("3"), by: .tester)
            #expect(try await registries.list().map(\.username) == ["b", "c"])
            #expect(try await registries.get(far).server.description == "registry.example.org:5000")
            let image = try ImageReference("registry.example.org:5000/x")
            let login = try await registries.credentials(for: image)
            #expect(login == RegistryCredentials(server: far, username: "c", password: "3"))
            #expect(try await registries.credentials(for: ImageReference("registry.example.org/x")) == nil)
            try await registries.delete(far)
            await #expect(throws: BerthError.registryNotFound(far)) { try await registries.delete(far) }
            await #expect(throws: BerthError.registryNotFound(far)) { try await registries.get(far) }
        }
    }

    @Test func `A login whose row was moved to another server is not sent there`() async throws {
        let store = try await Store.inMemory()
        let registries = Registries(store: store, key: key)
        try await registries.set(.usual, "deploy", SecretValue("hunter2"), by: .tester)
        try await store.database.write { try $0.run("UPDATE registries SET server = 'evil.example.org'", []) }
        let server = try #require(RegistryServer("evil.example.org"))
        await #expect(throws: BerthError.registryUnreadable(server)) {
            try await registries.credentials(for: ImageReference("evil.example.org/x"))
        }
    }

    @Test(arguments: [
        "INSERT INTO secrets VALUES ('web', 'A', 'hunter2', 1, 'x')",
        "INSERT INTO registries VALUES ('a.b', 'u', 'v1:hunter2', 1, 'x')",
        "INSERT INTO registries VALUES ('nohost', 'u', '', 1, 'x')",
    ])
    func `Rows that Berth has not written are damage, which does not show a value`(statement: String) async throws {
        let store = try await Store.inMemory()
        _ = try await store.createApp(web, .example(), at: .noon)
        try await store.database.write { try $0.run(statement, []) }
        let error = await #expect(throws: SQLError.self) { try await store.checkSecrets() }
        #expect("\(String(describing: error))".contains("hunter2") == false)
    }
}
