/// The location of an engine, and the kind of connection to it.
///
/// Host, user and path become arguments of `ssh`, so only values that pass the allow-lists below can be created.
package enum EngineAddress: Hashable, Sendable {
    /// `unix:///path`.
    case unixSocket(path: String)
    /// `ssh://[user@]host[:port][/path/of/docker.sock]`.
    case ssh(SSHDestination)
    /// `tcp://host:port[?certs=DIR]`, or without TLS `tcp://127.0.0.1:port?tls=off`.
    case tcp(host: String, port: Int, security: TCPSecurity)

    /// Parses an address, or throws a sentence that says what is wrong with it.
    package init(_ text: String) throws(InvalidEngineAddress) {
        guard text.utf8.count <= 1024, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw InvalidEngineAddress("an endpoint must be at most 1024 printable ASCII characters without spaces")
        }
        guard let separator = text.firstRange(of: "://") else { throw .unknownScheme }
        let rest = String(text[separator.upperBound...])
        switch text[..<separator.lowerBound] {
        case "unix": self = .unixSocket(path: try checkedSocketPath(rest, atMost: UnixSocket.maximumPathBytes))
        case "ssh": self = .ssh(try SSHDestination(rest))
        case "tcp": self = try Self.tcp(rest)
        default: throw .unknownScheme
        }
    }

    private static func tcp(_ rest: String) throws(InvalidEngineAddress) -> EngineAddress {
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let (host, port) = try splitHostAndPort(parts[0])
        guard let port else { throw InvalidEngineAddress("tcp:// needs a port: tcp://host:2376") }
        let security = try TCPSecurity(query: parts.count == 2 ? String(parts[1]) : "")
        if security == .plaintextOnLoopback, !isLoopback(host) {
            throw InvalidEngineAddress(
                "tls=off is only allowed for 127.0.0.1, [::1] and localhost: an open Docker port gives root access to "
                    + "the host"
            )
        }
        return .tcp(host: host, port: port, security: security)
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "127.0.0.1" || host == "::1"
    }
}

extension EngineAddress: CustomStringConvertible {
    /// The address in its text form; it contains no secret.
    package var description: String {
        switch self {
        case .unixSocket(let path): "unix://\(path)"
        case .ssh(let destination): "ssh://\(destination)"
        case .tcp(let host, let port, let security): "tcp://\(bracketed(host)):\(port)\(security.query)"
        }
    }
}

/// How a TCP connection to an engine is protected.
package enum TCPSecurity: Hashable, Sendable {
    /// TLS with `ca.pem`, and `cert.pem` and `key.pem` if they exist, from this directory; the names are Docker's.
    case tls(certificates: String)
    /// Without TLS, on the loopback interface only.
    case plaintextOnLoopback

    init(query: String) throws(InvalidEngineAddress) {
        if query == "tls=off" {
            self = .plaintextOnLoopback
        } else if query.hasPrefix("certs=/") {
            self = .tls(certificates: String(query.dropFirst("certs=".count)))
        } else {
            throw InvalidEngineAddress(
                "tcp:// needs TLS: add ?certs=/DIR, the directory of ca.pem, cert.pem and key.pem"
            )
        }
    }

    var query: String {
        switch self {
        case .tls(let directory): "?certs=\(directory)"
        case .plaintextOnLoopback: "?tls=off"
        }
    }
}

/// An engine's socket on a host that is reached by SSH.
package struct SSHDestination: Hashable, Sendable, CustomStringConvertible {
    /// If nil, OpenSSH's configuration decides.
    package let user: String?
    /// A name, an address or an alias from the OpenSSH configuration.
    package let host: String
    /// If nil, OpenSSH's configuration decides.
    package let port: Int?
    /// The path of the engine's socket on the host.
    package let socketPath: String

    package static let defaultSocketPath = "/var/run/docker.sock"

    /// Parses `[user@]host[:port][/path]`.
    init(_ text: String) throws(InvalidEngineAddress) {
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        let path = text[slash...]
        socketPath =
            path.isEmpty || path == "/"
            ? Self.defaultSocketPath
            : try checkedSocketPath(
                String(path),
                atMost: UnixSocket.kernelPathBytes
            )
        let authority = text[..<slash].split(separator: "@", omittingEmptySubsequences: false)
        guard authority.count <= 2 else {
            throw InvalidEngineAddress("ssh:// must have at most one @, after the user; \(Self.aliasHint)")
        }
        user = authority.count == 2 ? try Self.checkedUser(authority[0]) : nil
        (host, port) = try splitHostAndPort(authority[authority.count - 1])
    }

    package var description: String {
        (user.map { "\($0)@" } ?? "") + bracketed(host) + (port.map { ":\($0)" } ?? "")
            + (socketPath == Self.defaultSocketPath ? "" : socketPath)
    }

    private static func checkedUser(_ text: Substring) throws(InvalidEngineAddress) -> String {
        guard !text.contains(":") else {
            throw InvalidEngineAddress("ssh:// does not support passwords; use a key or the agent")
        }
        guard let first = text.utf8.first, first.isLetter || first == UInt8(ascii: "_"), text.utf8.count <= 64,
            text.utf8.allSatisfy({ $0.isAlphanumeric || "_.-".utf8.contains($0) })
        else {
            throw InvalidEngineAddress(
                "an SSH user must be up to 64 of a-z, A-Z, 0-9, _ . and -, beginning with a letter or _; \(aliasHint)"
            )
        }
        return String(text)
    }

    private static let aliasHint =
        "for other names, define an alias in the OpenSSH configuration (Host web, with HostName and User) and use "
        + "ssh://web"
}

/// Why a text is not an engine address, as a sentence for its author.
package struct InvalidEngineAddress: Error, Sendable, Equatable {
    package let message: String

    init(_ message: String) { self.message = message }

    static let unknownScheme = InvalidEngineAddress(
        "an endpoint must be unix:///path, ssh://user@host[:port][/path/of/docker.sock] or tcp://host:port?certs=/DIR"
    )
}

/// - Parameter limit: in bytes, on the machine on which the socket is opened.
private func checkedSocketPath(_ path: String, atMost limit: Int) throws(InvalidEngineAddress) -> String {
    guard path.hasPrefix("/"), path.utf8.count <= limit,
        path.utf8.allSatisfy({ $0.isAlphanumeric || "/._-".utf8.contains($0) }),
        !path.split(separator: "/").contains("..")
    else {
        throw InvalidEngineAddress(
            "the path of a socket must be absolute, have at most \(limit) of a-z, A-Z, 0-9, / . _ and -, and not "
                + "contain .."
        )
    }
    return path
}

private func splitHostAndPort(_ text: Substring) throws(InvalidEngineAddress) -> (String, Int?) {
    let host: Substring
    let rest: Substring
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
        host = text[text.index(after: text.startIndex)..<end]
        rest = text[text.index(after: end)...]
        guard isIPv6(host) else { throw InvalidEngineAddress("the text between [ and ] must be an IPv6 address") }
    } else {
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        host = text[..<colon]
        rest = text[colon...]
        guard isHostName(host) else {
            throw InvalidEngineAddress(
                "a host must be up to 253 of a-z, A-Z, 0-9, . _ and -, beginning with a letter or digit"
            )
        }
    }
    if rest.isEmpty { return (String(host), nil) }
    guard rest.hasPrefix(":"), rest.dropFirst().utf8.allSatisfy(\.isDigit), let port = Int(rest.dropFirst()),
        (1...65535).contains(port)
    else { throw InvalidEngineAddress("a port must be a number from 1 to 65535") }
    return (String(host), port)
}

private func isHostName(_ text: Substring) -> Bool {
    text.utf8.first?.isAlphanumeric == true && text.utf8.count <= 253
        && text.utf8.allSatisfy { $0.isAlphanumeric || "._-".utf8.contains($0) }
}

private func isIPv6(_ text: Substring) -> Bool {
    (2...45).contains(text.utf8.count) && text.contains(":")
        && text.utf8.allSatisfy { $0.isDigit || "abcdefABCDEF:.".utf8.contains($0) }
}

func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }
