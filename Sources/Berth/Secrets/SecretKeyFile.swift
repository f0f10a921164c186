import Glibc
import SQL

/// The file of the key for the secrets in the database.
///
/// While the key is replaced, the new one is in a second file beside it: at every moment one of the two fits the database.
package struct SecretKeyFile: Sendable {
    private let place: FilePlace

    package init(path: String) { place = FilePlace(path) }

    private var newPlace: FilePlace { place + ".new" }

    /// The key of the secrets in the database.
    ///
    /// Makes one if there is none and nothing is encrypted yet. Completes a replacement of the key that was interrupted.
    ///
    /// - Throws: ``SecretKeyError`` when no file has the key, `FileError`, and what the store throws.
    package func key(for store: Store) async throws -> SecretKey {
        let used = try await store.secretKeys()
        let present = try key(at: place)
        if let present, used.isSubset(of: [present.id]) { return present }
        if let new = try key(at: newPlace), !used.isEmpty, used.isSubset(of: [new.id]) {
            try newPlace.move(to: place)
            return new
        }
        guard present == nil, used.isEmpty else {
            throw present == nil ? SecretKeyError.missing(place.path) : .doesNotFit(place.path)
        }
        let made = SecretKey()
        try place.put(made.text + "\n")
        return made
    }

    /// Makes a new key, and encrypts all secrets with it in one transaction.
    ///
    /// No server may use the store.
    ///
    /// - Returns: the number of secrets and passwords.
    /// - Throws: ``SecretKeyError``, `BerthError` `secretUnreadable` and `registryUnreadable`, `FileError`, and what the
    ///   store throws; then the files still have the key of the database.
    package func replaceKey(of store: Store) async throws -> Int {
        let present = try await key(for: store)
        let new = SecretKey()
        try newPlace.put(new.text + "\n")
        FaultPoint.afterNewKey.reach()
        let count = try await store.encryptAgain(from: present, to: new)
        FaultPoint.afterEncryption.reach()
        try newPlace.move(to: place)
        return count
    }

    /// The key in a file; nil if there is no file.
    private func key(at place: FilePlace) throws(SecretKeyError) -> SecretKey? {
        let file = open(place.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            guard errno == ENOENT else { throw .unreadable(place.path, reason: String(cString: strerror(errno))) }
            return nil
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(place.path, reason: "it is not a regular file")
        }
        guard status.st_mode & 0o077 == 0 else { throw .isOpenToOthers(place.path) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(file, &bytes, bytes.count)
        guard count >= 0 else { throw .unreadable(place.path, reason: String(cString: strerror(errno))) }
        let words = String(decoding: bytes.prefix(count), as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 1, let key = SecretKey(text: String(words[0])) else { throw .hasNoKey(place.path) }
        return key
    }
}

/// Why the key for secrets cannot be used, as a line for the administrator.
package enum SecretKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    case unreadable(String, reason: String)
    case isOpenToOthers(String)
    case hasNoKey(String)
    case missing(String)
    case doesNotFit(String)

    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "The key file \(path) cannot be read: \(reason)"
        case .isOpenToOthers(let path):
            "The key file \(path) can be read or written by other users. Restrict it: chmod 600 \(path)"
        case .hasNoKey(let path):
            "The key file \(path) has no key: it must have 32 bytes in base64, as openssl rand -base64 32 prints them."
        case .missing(let path):
            "The database has encrypted secrets, but there is no key file \(path). Copy the key file of this database "
                + "to that place, or name it with --secret-key-file."
        case .doesNotFit(let path):
            "The key in \(path) is not the key of the secrets in this database. Copy the key file of this database to "
                + "that place, or name it with --secret-key-file."
        }
    }
}
