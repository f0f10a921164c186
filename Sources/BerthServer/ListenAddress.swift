import Berth
import DockerEngine
import FoundationEssentials
import Glibc
import Hummingbird

/// The address at which the server listens.
package enum ListenAddress: Sendable, Equatable, CustomStringConvertible {
    case loopback(host: String, port: Int)
    /// Both loopback addresses: a client may resolve `localhost` to either.
    case localhost(port: Int)
    /// Any other address or host name of this machine, also `0.0.0.0` and `::` for all of its addresses.
    case network(host: String, port: Int)
    /// `unix:/path`.
    case unixSocket(path: String)

    /// Parses `127.0.0.1:8080`, `[::]:8080`, `berth.example.org:8080`, `localhost:8080` or `unix:/path`.
    init(_ text: String) throws(SettingsError) {
        if text.hasPrefix("unix:") {
            let path = text.hasPrefix("unix://") ? text.dropFirst(7) : text.dropFirst(5)
            guard path.hasPrefix("/"), path.utf8.count <= UnixSocket.maximumPathBytes else {
                throw SettingsError(
                    "--listen unix:/path must have an absolute path of at most \(UnixSocket.maximumPathBytes) bytes"
                )
            }
            self = .unixSocket(path: String(path))
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            !text[colon...].contains("+")
        else {
            throw SettingsError("--listen must be ADDRESS:PORT, such as 127.0.0.1:8080, or unix:/path, not \(text)")
        }
        let name = text[..<colon].lowercased()
        if name == "localhost" {
            self = .localhost(port: Int(port))
            return
        }
        let isIPv6 = name.hasPrefix("[") && name.hasSuffix("]")
        let host = isIPv6 ? String(name.dropFirst().dropLast()) : name
        let address = IPAddress(host)
        guard isIPv6 ? host.contains(":") && address != nil : Self.isHostName(host) else {
            throw SettingsError(
                "--listen \(text) is not valid: use an IPv4 address, an IPv6 address in brackets or a host name, with a "
                    + "port, such as 0.0.0.0:8080 or [::]:8080"
            )
        }
        let isLoopback = address?.isLoopback == true
        self = isLoopback ? .loopback(host: host, port: Int(port)) : .network(host: host, port: Int(port))
    }

    /// Whether this can be a host name or an IPv4 address; its case does not matter.
    static func isHostName(_ text: String) -> Bool {
        let isPossible = text.utf8.allSatisfy { isASCIILetterOrDigit($0) || "-._".utf8.contains($0) }
        return isPossible && (1...253).contains(text.utf8.count) && !text.hasPrefix(".") && !text.hasPrefix("-")
    }

    package var description: String { url(scheme: "http") }

    private func url(scheme: String) -> String {
        switch self {
        case .loopback(let host, let port), .network(let host, let port):
            "\(scheme)://\(Self.inURL(host)):\(port)"
        case .localhost(let port): "\(scheme)://localhost:\(port)"
        case .unixSocket(let path): "unix:\(path)"
        }
    }

    private static func inURL(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// Its names in the `Host` header, in lower case.
    var hostNames: [String] {
        switch self {
        case .loopback(let host, _): ["localhost", "127.0.0.1", "[::1]"] + [Self.inURL(host)]
        case .localhost: ["localhost", "127.0.0.1", "[::1]"]
        case .network(let host, _): [Self.inURL(host)]
        case .unixSocket: []
        }
    }

    /// The addresses to bind, all at once.
    var bindAddresses: [BindAddress] {
        switch self {
        case .loopback(let host, let port), .network(let host, let port): [.hostname(host, port: port)]
        case .localhost(let port):
            [.hostname("127.0.0.1", port: port)] + (LoopbackPort.hasIPv6 ? [.hostname("::1", port: port)] : [])
        case .unixSocket(let path): [.unixDomainSocket(path: path)]
        }
    }

    /// The same with one free port for both addresses if the kernel is asked to choose it.
    var withChosenPort: ListenAddress {
        guard case .localhost(port: 0) = self, let port = LoopbackPort.free() else { return self }
        return .localhost(port: port)
    }

    /// Its URL for clients, with the kernel's port if the settings say 0.
    func url(hasTLS: Bool, boundTo port: Int?) -> String {
        let scheme = hasTLS ? "https" : "http"
        guard let port else { return url(scheme: scheme) }
        return switch self {
        case .loopback(let host, _): ListenAddress.loopback(host: host, port: port).url(scheme: scheme)
        case .network(let host, _): ListenAddress.network(host: host, port: port).url(scheme: scheme)
        case .localhost, .unixSocket: url(scheme: scheme)
        }
    }

    /// Whether only programs on this machine can connect.
    var isLocal: Bool { if case .network = self { false } else { true } }

    var isUnixSocket: Bool { if case .unixSocket = self { true } else { false } }

    /// Removes the socket of a server that exited without removing it; a socket that accepts connections stays.
    func removeStaleSocket() {
        guard case .unixSocket(let path) = self else { return }
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        guard type == .typeSocket, !UnixSocket.isListening(at: path) else { return }
        unlink(path)
    }
}
