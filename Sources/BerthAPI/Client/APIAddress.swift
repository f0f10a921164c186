import Glibc

/// The address of a server, for its clients.
package enum APIAddress: Sendable, Equatable {
    /// `host` or `host:port`.
    case http(authority: String)
    /// Likewise, over TLS.
    case https(authority: String)
    case unixSocket(path: String)

    /// Parses `http://127.0.0.1:8080`, `https://berth.example.org` or `unix:/path`, or throws what is wrong.
    package init(_ text: String) throws(InvalidAPIAddress) {
        if text.hasPrefix("unix:") {
            let path = text.hasPrefix("unix://") ? text.dropFirst(7) : text.dropFirst(5)
            let limit = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
            guard path.hasPrefix("/"), path.utf8.count <= limit else { throw InvalidAPIAddress(text) }
            self = .unixSocket(path: String(path))
        } else {
            let isSecure = text.hasPrefix("https://")
            guard isSecure || text.hasPrefix("http://") else { throw InvalidAPIAddress(text) }
            let rest = text.dropFirst(isSecure ? 8 : 7)
            let authority = String(rest.hasSuffix("/") ? rest.dropLast() : rest)
            guard !authority.isEmpty, authority.utf8.allSatisfy({ Self.isPlain(Unicode.Scalar($0)) }) else {
                throw InvalidAPIAddress(text)
            }
            self = isSecure ? .https(authority: authority) : .http(authority: authority)
        }
    }

    /// Whether only a program on this machine can respond, without TLS.
    package var isLoopback: Bool {
        guard case .http(let authority) = self else { return false }
        return ["127.0.0.1", "[::1]", "localhost"].contains { authority == $0 || authority.hasPrefix($0 + ":") }
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_", ":", "[", "]": true
        default: false
        }
    }
}

extension APIAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .http(let authority): "http://\(authority)"
        case .https(let authority): "https://\(authority)"
        case .unixSocket(let path): "unix:\(path)"
        }
    }
}

extension APIAddress {
    /// A curl command that requests `path` at this address, for people to copy.
    ///
    /// - Parameters:
    ///   - path: must not contain single quotes.
    ///   - hasToken: whether it sends the token in `BERTH_TOKEN`.
    package func curlCommand(_ method: String, _ path: String, hasToken: Bool = false) -> String {
        let curl = "curl -X \(method)" + (hasToken ? #" -H "Authorization: Bearer $BERTH_TOKEN""# : "")
        return switch self {
        case .http, .https: "\(curl) '\(self)\(path)'"
        case .unixSocket(let socket): "\(curl) --unix-socket '\(socket)' 'http://berth\(path)'"
        }
    }
}

/// An invalid address, with a sentence for its author.
package struct InvalidAPIAddress: Error, Sendable, Equatable, CustomStringConvertible {
    package let text: String

    init(_ text: String) { self.text = text }

    package var description: String {
        "the server's address must be like http://127.0.0.1:8080, https://berth.example.org or unix:/path, not "
            + text
    }
}
