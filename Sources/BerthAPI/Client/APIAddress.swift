import Glibc

/// The address of a server, for its clients.
package enum APIAddress: Sendable, Equatable {
    /// `host` or `host:port`.
    case http(authority: String)
    case unixSocket(path: String)

    /// Parses `http://127.0.0.1:8080` or `unix:/path`, the forms that `berth serve` prints, or throws what is wrong.
    package init(_ text: String) throws(InvalidAPIAddress) {
        if text.hasPrefix("unix:") {
            let path = text.hasPrefix("unix://") ? text.dropFirst(7) : text.dropFirst(5)
            let limit = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
            guard path.hasPrefix("/"), path.utf8.count <= limit else { throw InvalidAPIAddress(text) }
            self = .unixSocket(path: String(path))
        } else {
            guard text.hasPrefix("http://") else { throw InvalidAPIAddress(text) }
            let authority = text.hasSuffix("/") ? text.dropFirst(7).dropLast() : text.dropFirst(7)
            guard !authority.isEmpty, authority.utf8.allSatisfy({ Self.isPlain(Unicode.Scalar($0)) }) else {
                throw InvalidAPIAddress(text)
            }
            self = .http(authority: String(authority))
        }
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
        case .unixSocket(let path): "unix:\(path)"
        }
    }
}

extension APIAddress {
    /// A curl command that requests `path` at this address, for people to copy.
    ///
    /// - Parameter path: must not contain single quotes.
    package func curlCommand(_ method: String, _ path: String) -> String {
        switch self {
        case .http: "curl -X \(method) '\(self)\(path)'"
        case .unixSocket(let socket): "curl -X \(method) --unix-socket '\(socket)' 'http://berth\(path)'"
        }
    }
}

/// An invalid address, with a sentence for its author.
package struct InvalidAPIAddress: Error, Sendable, Equatable, CustomStringConvertible {
    package let text: String

    init(_ text: String) { self.text = text }

    package var description: String {
        "the server's address must be http://127.0.0.1:8080, http://[::1]:8080 or unix:/path, not \(text)"
    }
}
