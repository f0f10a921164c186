import DockerEngine
import Foundation
import TestSupport
import Testing

@testable import Berth
@testable import SQL

@Suite struct SecretKeyFileTests {
    /// Calls `body` with a path for the key file, and an app's store.
    private func withPath(_ body: (String, Store) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let store = try await Store.inMemory()
            _ = try await store.createApp(AppName("web"), .example(), at: .noon)
            try await body(directory + "/secret-key", store)
        }
    }

    private func write(_ text: String, to path: String, mode: Int = 0o600) throws {
        #expect(FileManager.default.createFile(atPath: path, contents: Data(text.utf8)))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// Stores 45 secrets and one login.
    private func fill(_ store: Store, with key: SecretKey) async throws {
        let secrets = Secrets(store: store, key: key)
        for number in 1...45 {
            let value = try SecretValue("value \(number)")
            try await secrets.set(SecretName("S\(number)"), of: AppName("web"), to: value, by: .tester)
        }
        try await Registries(store: store, key: key).set(.usual, "deploy", SecretValue("hunter2"), by: .tester)
    }

    /// Whether the key decrypts everything that ``fill(_:with:)`` has stored.
    private func expectReadable(_ store: Store, with key: SecretKey) async throws {
        let secrets = Secrets(store: store, key: key)
        let variables = try await secrets.variables(of: secrets.list(of: AppName("web"))).list
        #expect(Set(variables.map { "\($0.name) \($0.value)" }) == Set((1...45).map { "S\($0) value \($0)" }))
        let image = try ImageReference("nginx")
        let login = try await Registries(store: store, key: key).credentials(for: image)
        #expect(login == RegistryCredentials(server: .usual, username: "deploy", password: "hunter2"))
    }

    @Test func `The first start makes a key that only its owner can read, and later ones use it`() async throws {
        try await withPath { path, store in
            let key = try await SecretKeyFile(path: path).key(for: store)
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            try await fill(store, with: key)
            try await expectReadable(store, with: SecretKeyFile(path: path).key(for: store))
        }
    }

    @Test func `A key of openssl's form is accepted`() async throws {
        try await withPath { path, store in
            let text = Data(repeating: 7, count: 32).base64EncodedString()
            try write(text + "\n", to: path, mode: 0o400)
            #expect(try await SecretKeyFile(path: path).key(for: store).text == text)
        }
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o666])
    func `A key file that others can read or write is refused`(mode: Int) async throws {
        try await withPath { path, store in
            try write(SecretKey().text, to: path, mode: mode)
            let error = await #expect(throws: SecretKeyError.self) {
                try await SecretKeyFile(path: path).key(for: store)
            }
            #expect(error == .isOpenToOthers(path))
            #expect(error?.description.contains("chmod 600") == true)
        }
    }

    @Test(arguments: ["", "\n", "hunter2", "AAAA", String(repeating: "A", count: 300), "a b"])
    func `A key file without a key is refused, and not shown`(text: String) async throws {
        try await withPath { path, store in
            try write(text, to: path)
            let error = await #expect(throws: SecretKeyError.self) {
                try await SecretKeyFile(path: path).key(for: store)
            }
            #expect(error == .hasNoKey(path))
            #expect(error?.description.contains("hunter2") == false)
        }
    }

    @Test func `A directory in the place of the key file is refused`() async throws {
        try await withPath { path, store in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            await #expect(throws: SecretKeyError.self) { try await SecretKeyFile(path: path).key(for: store) }
        }
    }

    @Test func `A missing or wrong key is an error as soon as something is encrypted, and no key is made`() async throws
    {
        try await withPath { path, store in
            try await fill(store, with: SecretKey())
            let file = SecretKeyFile(path: path)
            await #expect(throws: SecretKeyError.missing(path)) { try await file.key(for: store) }
            #expect(!FileManager.default.fileExists(atPath: path))
            try write(SecretKey().text, to: path)
            await #expect(throws: SecretKeyError.doesNotFit(path)) { try await file.key(for: store) }
        }
    }

    @Test func `A new key replaces the old one, and encrypts everything again`() async throws {
        try await withPath { path, store in
            let file = SecretKeyFile(path: path)
            let old = try await file.key(for: store)
            try await fill(store, with: old)
            #expect(try await file.replaceKey(of: store) == 46)
            let new = try await file.key(for: store)
            #expect(new.id != old.id)
            #expect(try await store.secretKeys() == [new.id])
            try await expectReadable(store, with: new)
            #expect(!FileManager.default.fileExists(atPath: path + ".new"))
        }
    }

    @Test func `After a crash before the commit, the old key is used, and the replacement can be repeated`()
        async throws
    {
        try await withPath { path, store in
            let file = SecretKeyFile(path: path)
            let old = try await file.key(for: store)
            try await fill(store, with: old)
            try FilePlace(path + ".new").put(SecretKey().text)
            let key = try await file.key(for: store)
            #expect(key.id == old.id)
            try await expectReadable(store, with: key)
            #expect(try await file.replaceKey(of: store) == 46)
            try await expectReadable(store, with: file.key(for: store))
        }
    }

    @Test func `After a crash behind the commit, the new key is used and moved into its place`() async throws {
        try await withPath { path, store in
            let file = SecretKeyFile(path: path)
            let (old, new) = (try await file.key(for: store), SecretKey())
            try await fill(store, with: old)
            try FilePlace(path + ".new").put(new.text)
            _ = try await store.encryptAgain(from: old, to: new)
            let key = try await file.key(for: store)
            #expect(key.id == new.id)
            try await expectReadable(store, with: key)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == new.text)
            #expect(!FileManager.default.fileExists(atPath: path + ".new"))
        }
    }

    @Test(arguments: [
        "CREATE TRIGGER full BEFORE UPDATE ON registries BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE TRIGGER full BEFORE UPDATE ON secrets WHEN OLD.name = 'S44' BEGIN SELECT RAISE(ABORT, 'no'); END",
    ])
    func `A replacement that the database interrupts changes nothing`(fault: String) async throws {
        try await withPath { path, store in
            let file = SecretKeyFile(path: path)
            let old = try await file.key(for: store)
            try await fill(store, with: old)
            try await store.database.write { try $0.run(fault, []) }
            await #expect(throws: SQLError.self) { try await file.replaceKey(of: store) }
            #expect(try await file.key(for: store).id == old.id)
            try await expectReadable(store, with: old)
        }
    }

    @Test func `A secret that cannot be decrypted prevents a replacement, and is named`() async throws {
        try await withPath { path, store in
            let file = SecretKeyFile(path: path)
            let old = try await file.key(for: store)
            try await fill(store, with: old)
            try await store.database.write { connection in
                let value = "(SELECT value FROM secrets WHERE name = 'S2')"
                try connection.run("UPDATE secrets SET value = \(value) WHERE name = 'S1'", [])
            }
            let error = BerthError.secretUnreadable(try SecretName("S1"), try AppName("web"))
            await #expect(throws: error) { try await file.replaceKey(of: store) }
            #expect(try await store.secretKeys() == [old.id])
        }
    }
}
