import Crypto
import DockerEngine
import FoundationEssentials

/// The key with which the secrets in the database are encrypted: AES-256-GCM (NIST SP 800-38D).
package struct SecretKey: Sendable {
    private let key: SymmetricKey
    /// 16 hexadecimal digits of its SHA-256: encrypted texts name their key by it.
    let id: String

    /// Makes a key.
    package init() { self.init(SymmetricKey(size: .bits256)) }

    /// Nil unless the text is 32 bytes in base64.
    init?(text: String) {
        guard let bytes = Data(base64Encoded: text), bytes.count == 32 else { return nil }
        self.init(SymmetricKey(data: bytes))
    }

    private init(_ key: SymmetricKey) {
        self.key = key
        id = SHA256.hash(data: key.withUnsafeBytes { Data("berth key id ".utf8) + Data($0) }).prefix(8).hexadecimal
    }

    /// The text of its file.
    var text: String { key.withUnsafeBytes { Data($0) }.base64EncodedString() }

    /// The text, encrypted for one place alone.
    func encrypt(_ text: String, at place: SecretPlace) throws -> EncryptedText {
        let box = try AES.GCM.seal(Data(text.utf8), using: key, authenticating: place.bytes)
        // The nonce has twelve bytes, for which there always is a combined form.
        return EncryptedText(key: id, bytes: box.combined ?? Data())
    }

    /// - Throws: ``UndecryptableText`` for a text that another key or another place belongs to, or that was changed.
    func decrypt(_ encrypted: EncryptedText, at place: SecretPlace) throws(UndecryptableText) -> String {
        guard encrypted.key == id else { throw .otherKey }
        guard let bytes = encrypted.bytes, let box = try? AES.GCM.SealedBox(combined: bytes),
            let text = try? AES.GCM.open(box, using: key, authenticating: place.bytes)
        else { throw .changed }
        return String(decoding: text, as: UTF8.self)
    }
}

extension SecretKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "key \(id)" }
    package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}

/// Why an encrypted text cannot be read.
enum UndecryptableText: Error {
    case otherKey
    /// It was changed, or moved from another place.
    case changed
}

/// What an encrypted text belongs to; nowhere else can it be decrypted.
enum SecretPlace: Sendable {
    case secret(SecretName, of: AppName)
    case registry(RegistryServer)

    /// The additional authenticated data; no part of a place has a slash.
    fileprivate var bytes: Data {
        switch self {
        case .secret(let name, let app): Data("berth/v1/secret/\(app)/\(name)".utf8)
        case .registry(let server): Data("berth/v1/registry/\(server)".utf8)
        }
    }
}

/// An encrypted text as it is stored: `v1:KEY:BASE64`, the id of its key, and nonce, ciphertext and tag.
struct EncryptedText: Sendable, Equatable {
    let stored: String

    /// The length of the part that names the version and the key.
    static let prefixLength = "v1:0123456789abcdef:".utf8.count

    fileprivate init(key: String, bytes: Data) { stored = "v1:\(key):\(bytes.base64EncodedString())" }

    /// Accepts any text; one that no key has made cannot be decrypted.
    init(recorded text: String) { stored = text }

    private var parts: [Substring] { stored.split(separator: ":", omittingEmptySubsequences: false) }

    /// The id of its key; nil for a text in another form.
    var key: String? {
        let parts = parts
        guard parts.count == 3, parts[0] == "v1", parts[1].utf8.count == 16 else { return nil }
        return String(parts[1])
    }

    fileprivate var bytes: Data? { parts.last.flatMap { Data(base64Encoded: String($0)) } }

    /// Whether it has the form of an encrypted text.
    var isWellFormed: Bool { key != nil && bytes.map { $0.count >= 28 } ?? false }
}
