import FoundationEssentials
import SQL

/// The server's identity beside its database: what its containers carry, so that they are known again when the database
/// is lost.
package struct ServerIdentity: Sendable {
    private let path: String

    /// - Parameter path: of the file that keeps it.
    package init(path: String) { self.path = path }

    /// Nil where there is none yet, or none that Berth wrote.
    package var kept: String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let identity = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
        return isBase32(identity, count: 26) ? identity : nil
    }

    /// Keeps the identity of the database that is in use, which holds where the two differ.
    ///
    /// - Throws: ``MaintenanceError``.
    package func keep(_ identity: String) throws {
        guard identity != kept else { return }
        try FilePlace(path).put(identity + "\n")
    }
}
