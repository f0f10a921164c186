import FoundationEssentials
import SQL

/// The server's identity, kept in a file beside its database.
///
/// Containers carry it, so that they are recognized if the database is lost.
package struct ServerIdentity: Sendable {
    private let path: String

    /// - Parameter path: of the file.
    package init(path: String) { self.path = path }

    /// Nil if there is no file, or one that Berth did not write.
    package var kept: String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let identity = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
        return isBase32(identity, count: 26) ? identity : nil
    }

    /// Keeps the identity of the database in use, which takes precedence if the two differ.
    ///
    /// - Throws: ``FileError``.
    package func keep(_ identity: String) throws {
        guard identity != kept else { return }
        try FilePlace(path).put(identity + "\n")
    }
}
