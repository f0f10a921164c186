/// The database that holds the server's records.
package enum DatabaseURL: Sendable, Equatable, CustomStringConvertible {
    /// A file on this machine.
    case sqlite(path: String)
    case mysql(MySQLAddress)

    /// Reads `sqlite:PATH`, or `mysql://` or `mariadb://` and a ``MySQLAddress``.
    ///
    /// - Throws: ``InvalidDatabaseURL``, which never repeats what might be a password.
    package init(_ text: String) throws(InvalidDatabaseURL) {
        guard !text.utf8.contains(where: { $0 < 32 || $0 == 127 }) else {
            throw InvalidDatabaseURL("it contains a control character")
        }
        if text.hasPrefix("sqlite:") {
            self = .sqlite(path: try Self.path(String(text.dropFirst("sqlite:".count))))
            return
        }
        for scheme in ["mysql://", "mariadb://"] where text.hasPrefix(scheme) {
            self = .mysql(try MySQLAddress(afterScheme: text.dropFirst(scheme.count)))
            return
        }
        throw InvalidDatabaseURL("it must begin with sqlite:, mysql:// or mariadb://")
    }

    /// Accepts a path that SQLite, too, takes as a file name, without a special meaning.
    private static func path(_ text: String) throws(InvalidDatabaseURL) -> String {
        let file = text.prefix { $0 != "?" }
        let name = file.split(separator: "/").last ?? ""
        guard name != ":memory:", !file.hasPrefix(":"), !file.hasPrefix("file:") else {
            throw InvalidDatabaseURL(
                "sqlite: must be followed by the path of a file, without file: or :memory:, such as sqlite:/srv/berth.db"
            )
        }
        guard file.contains(where: { $0 != " " }), !file.hasSuffix("/"), name != ".", name != ".." else {
            throw InvalidDatabaseURL("sqlite: must be followed by the path of a file: sqlite:/srv/berth.db")
        }
        guard file.endIndex == text.endIndex else {
            throw InvalidDatabaseURL("sqlite: must be followed by a path only, without ? and parameters")
        }
        return text
    }

    /// The URL without its password, for people and logs.
    package var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .mysql(let address): address.description
        }
    }
}

/// What is wrong with a database URL, as the end of a sentence.
package struct InvalidDatabaseURL: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
