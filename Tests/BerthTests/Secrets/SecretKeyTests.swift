import DockerEngine
import FoundationEssentials
import Testing

@testable import Berth

@Suite struct SecretKeyTests {
    private let key = SecretKey()
    private let place: SecretPlace

    init() throws { place = .secret(try SecretName("TOKEN"), of: try AppName("web")) }

    @Test(arguments: ["", "a", "e\u{301} 🚢\n\t", String(repeating: "x", count: SecretValue.maximumBytes)])
    func `A text is decrypted as it was, and each encryption of it is different`(text: String) throws {
        let first = try key.encrypt(text, at: place)
        let second = try key.encrypt(text, at: place)
        #expect(first != second)
        #expect(first.isWellFormed && first.key == key.id)
        for encrypted in [first, second] {
            let again = try key.decrypt(EncryptedText(recorded: encrypted.stored), at: place)
            #expect(again.utf8.elementsEqual(text.utf8))
        }
    }

    @Test func `An encrypted text that was moved to another place cannot be decrypted`() throws {
        let encrypted = try key.encrypt("hunter2", at: place)
        let server = try #require(RegistryServer("registry.example.org"))
        let others: [SecretPlace] = [
            .secret(try SecretName("TOKEN"), of: try AppName("web-2")),
            .secret(try SecretName("TOKEN_2"), of: try AppName("web")),
            .registry(server),
        ]
        for other in others {
            #expect(throws: UndecryptableText.changed) { try key.decrypt(encrypted, at: other) }
        }
    }

    @Test func `A change of any byte is noticed`() throws {
        let encrypted = try key.encrypt("hunter2", at: place).stored
        let head = encrypted.prefix(EncryptedText.prefixLength)
        let bytes = try #require(Data(base64Encoded: String(encrypted.dropFirst(EncryptedText.prefixLength))))
        #expect(bytes.count == 12 + 7 + 16)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            let text = EncryptedText(recorded: head + changed.base64EncodedString())
            #expect(throws: UndecryptableText.changed) { try key.decrypt(text, at: place) }
        }
        for text in ["", "v1", head + "", head + "AAAA", "\(head)%", encrypted + "AAAA", "v2" + encrypted.dropFirst(2)]
        {
            #expect(throws: UndecryptableText.self) { try key.decrypt(EncryptedText(recorded: text), at: place) }
        }
    }

    @Test func `Another key does not decrypt a text, also if the text names it`() throws {
        let encrypted = try key.encrypt("hunter2", at: place)
        let other = SecretKey()
        #expect(throws: UndecryptableText.otherKey) { try other.decrypt(encrypted, at: place) }
        let renamed = EncryptedText(recorded: encrypted.stored.replacing(key.id, with: other.id))
        #expect(throws: UndecryptableText.changed) { try other.decrypt(renamed, at: place) }
    }

    @Test func `Neither keys nor values are in texts about them`() throws {
        let value = try SecretValue("hunter2")
        let login = RegistryCredentials(server: .usual, username: "deploy", password: "hunter2")
        var dumped = ""
        for text in [key as Any, value, login] {
            dump(text, to: &dumped)
            dumped += "\(text) \(String(reflecting: text))"
        }
        #expect(!dumped.contains("hunter2") && !dumped.contains(key.text))
    }

    @Test(arguments: ["", "1A", "a-b", "a b", "ä", "A=", String(repeating: "a", count: 256)])
    func `A name that is no variable's name is refused`(name: String) {
        #expect(throws: InvalidValue.self) { try SecretName(name) }
    }

    @Test(arguments: ["_", "a", "Z9_", String(repeating: "a", count: 255)])
    func `A name of letters, digits and underscores is accepted`(name: String) throws {
        #expect(try SecretName(name).description == name)
    }

    @Test func `A value with NUL, or of more than 64 KiB, is refused`() {
        #expect(throws: InvalidValue.self) { try SecretValue("a\0") }
        #expect(throws: InvalidValue.self) { try SecretValue(String(repeating: "é", count: (32 << 10) + 1)) }
    }
}
