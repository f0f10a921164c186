import Glibc

/// A MySQL or MariaDB server, a database on it, and the credentials and TLS settings for it.
package struct MySQLAddress: Sendable, Equatable, CustomStringConvertible {
    enum Place: Sendable, Equatable {
        case tcp(host: String, port: UInt16)
        case socket(path: String)
    }

    enum TLS: String, Sendable {
        /// Never encrypted.
        case off
        /// Encrypted if the server offers it; the certificate is not checked.
        case preferred
        /// Encrypted; the certificate must be from a known authority and for this host.
        case required
    }

    let user: String
    let password: MySQLPassword
    let place: Place
    let database: String
    let tls: TLS
    /// A file of authorities that may have signed the server's certificate; nil means those of the system.
    let authorities: String?

    /// The longest name of a database that leaves room in the name of its lock.
    static let maximumDatabaseBytes = 48

    /// Reads `user[:password]@host[:port]/database[?parameters]`, each part percent-encoded.
    init(afterScheme text: Substring) throws(InvalidDatabaseURL) {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let slash = parts[0].firstIndex(of: "/") else {
            throw InvalidDatabaseURL("it has no database name: …@host:3306/berth")
        }
        let (login, host) = try Self.loginAndHost(parts[0][..<slash])
        let parameters = try Parameters(parts.count == 2 ? parts[1] : "")
        (user, password) = try Self.userAndPassword(login, file: parameters.passwordFile)
        if let socket = parameters.socket {
            place = .socket(path: socket)
        } else {
            place = try Self.place(host)
        }
        database = try Self.database(parts[0][slash...].dropFirst())
        (tls, authorities) = try Self.security(parameters, place)
    }

    /// Without password and parameters, for people and logs.
    package var description: String {
        switch place {
        case .tcp(let host, let port):
            "mysql://\(encoded(user))@\(host.contains(":") ? "[\(host)]" : host):\(port)/\(encoded(database))"
        case .socket(let path):
            "mysql://\(encoded(user))@localhost/\(encoded(database))?socket=\(path)"
        }
    }
}

extension MySQLAddress {
    private static func loginAndHost(_ text: Substring) throws(InvalidDatabaseURL) -> (Substring, Substring) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count >= 2 else {
            throw InvalidDatabaseURL("it has no user name: mysql://user:password@host/database")
        }
        guard parts.count == 2 else {
            throw InvalidDatabaseURL(
                "it has more than one @; in user and password write @ / : ? % as %40 %2F %3A %3F %25"
            )
        }
        return (parts[0], parts[1])
    }

    private static func userAndPassword(
        _ text: Substring,
        file: String?
    ) throws(InvalidDatabaseURL) -> (String, MySQLPassword) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let user = try decoded(parts[0], "the user")
        guard !user.isEmpty else {
            throw InvalidDatabaseURL("it has no user name: mysql://user:password@host/database")
        }
        guard let file else {
            return (user, MySQLPassword(.text(parts.count == 2 ? try decoded(parts[1], "the password") : "")))
        }
        guard parts.count == 1 else {
            throw InvalidDatabaseURL("it has both a password and password_file=; leave one out")
        }
        return (user, MySQLPassword(.file(path: file)))
    }

    private static func place(_ text: Substring) throws(InvalidDatabaseURL) -> Place {
        var host = text.prefix { $0 != ":" }
        var port = text.dropFirst(host.count)
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw InvalidDatabaseURL("its host has no closing ]") }
            host = text[..<end].dropFirst()
            port = text[end...].dropFirst()
            guard isIPv6(String(host)) else { throw InvalidDatabaseURL("the text in [ ] is not an IPv6 address") }
        } else if host.isEmpty || !host.utf8.allSatisfy(isPartOfName) {
            throw InvalidDatabaseURL("its host is neither a name nor an address; write an IPv6 address in [ ]")
        }
        guard !port.isEmpty else { return .tcp(host: String(host), port: 3306) }
        guard port.first == ":", let number = UInt16(port.dropFirst()), number > 0, port.dropFirst().first != "+" else {
            throw InvalidDatabaseURL("its port must be a number from 1 to 65535")
        }
        return .tcp(host: String(host), port: number)
    }

    private static func database(_ text: Substring) throws(InvalidDatabaseURL) -> String {
        guard !text.contains("/") else { throw InvalidDatabaseURL("it has a second / after the host; write / as %2F") }
        let name = try decoded(text, "the database")
        guard !name.isEmpty else { throw InvalidDatabaseURL("it has no database name: …@host:3306/berth") }
        guard name.utf8.count <= maximumDatabaseBytes, !name.hasSuffix(" ") else {
            throw InvalidDatabaseURL(
                "its database's name is longer than \(maximumDatabaseBytes) bytes or ends with a space"
            )
        }
        return name
    }

    private static func security(
        _ parameters: Parameters,
        _ place: Place
    ) throws(InvalidDatabaseURL) -> (TLS, String?) {
        switch (place, parameters.tls) {
        case (.socket, nil), (.socket, .off):
            guard parameters.authorities == nil else { break }
            return (.off, nil)
        case (.socket, _): break
        case (.tcp(let host, _), let wanted):
            let tls = wanted ?? (parameters.authorities != nil || !isLoopback(host) ? .required : .preferred)
            guard parameters.authorities == nil || tls == .required else {
                throw InvalidDatabaseURL("ca= requires tls=required: otherwise the certificate is not verified")
            }
            return (tls, parameters.authorities)
        }
        throw InvalidDatabaseURL("tls= and ca= cannot be used with a Unix socket")
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || (host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." })
    }

    private static func isIPv6(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET6, text, &address) == 1
    }

    static func isPartOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// The parameters after the `?`.
private struct Parameters {
    private(set) var tls: MySQLAddress.TLS?
    private(set) var authorities: String?
    private(set) var socket: String?
    private(set) var passwordFile: String?

    init(_ text: Substring) throws(InvalidDatabaseURL) {
        var names: Set<String> = []
        // Text before an @ can be part of a password whose ? was not encoded.
        let isShown = !text.contains("@")
        for part in text.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(pair[0])
            guard names.insert(name).inserted else { throw InvalidDatabaseURL("it has a repeated parameter") }
            guard Self.names.contains(name) else { throw Self.unknown(isShown ? name : nil) }
            try set(name, to: decoded(pair.count == 2 ? pair[1] : "", "a parameter"))
        }
    }

    private mutating func set(_ name: String, to value: String) throws(InvalidDatabaseURL) {
        switch name {
        case "tls":
            guard let tls = MySQLAddress.TLS(rawValue: value) else {
                throw InvalidDatabaseURL("tls= must be required, preferred or off")
            }
            self.tls = tls
        case "ca": authorities = try path(value, "ca")
        case "socket":
            // The kernel's limit for a socket path.
            let limit = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
            guard value.utf8.count <= limit else {
                throw InvalidDatabaseURL("the path of a socket must have at most \(limit) bytes")
            }
            socket = try path(value, "socket")
        case "password_file": passwordFile = try path(value, "password_file")
        default: throw Self.unknown(nil)
        }
    }

    private static let names: Set<String> = ["tls", "ca", "socket", "password_file"]

    /// - Parameter name: nil if it may be a secret.
    private static func unknown(_ name: String?) -> InvalidDatabaseURL {
        let possible = "its parameters must be tls, ca, socket or password_file"
        guard let name, (1...40).contains(name.utf8.count), name.utf8.allSatisfy(MySQLAddress.isPartOfName) else {
            return InvalidDatabaseURL("\(possible), and one of them is not")
        }
        return InvalidDatabaseURL("\(possible), not \(name)\(advice(insteadOf: name))")
    }

    /// Names the parameter that corresponds to another program's name for it.
    private static func advice(insteadOf name: String) -> String {
        switch name.lowercased().filter({ $0 != "-" && $0 != "_" }) {
        case "sslmode", "ssl", "usessl", "requiressl", "sslverifyservercert", "verifyservercertificate", "tlsmode":
            "; use tls=required, tls=preferred or tls=off instead"
        case "sslca", "sslrootcert", "tlsca", "cafile", "cacert": "; use ca=/path instead"
        case "unixsocket", "sock": "; use socket=/path instead"
        case "password", "passwd", "passwordfile", "passfile":
            "; use password_file=/path instead, or write the password after the user"
        case "charset", "characterset", "encoding", "collation", "timezone", "parsetime", "loc":
            "; omit it, because Berth sets this itself"
        default: ""
        }
    }

    private func path(_ value: String, _ name: String) throws(InvalidDatabaseURL) -> String {
        guard value.hasPrefix("/") else { throw InvalidDatabaseURL("\(name)= must be a path that begins with /") }
        return value
    }
}

private func decoded(_ text: Substring, _ what: String) throws(InvalidDatabaseURL) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        let digits = rest.prefix(2)
        guard digits.count == 2, let value = UInt8(String(Substring(digits)), radix: 16),
            digits.first != UInt8(ascii: "+")
        else { throw InvalidDatabaseURL("\(what) has a % without two hexadecimal digits; write % as %25") }
        rest.removeFirst(2)
        bytes.append(value)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self), !bytes.contains(where: { $0 < 32 || $0 == 127 })
    else {
        throw InvalidDatabaseURL("\(what) has escapes that are not valid text")
    }
    return decoded
}

/// Each byte has two digits: there are no control characters.
private func encoded(_ text: String) -> String {
    let parts = text.utf8.map { byte in
        MySQLAddress.isPartOfName(byte) ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16, uppercase: true)
    }
    return parts.joined()
}
