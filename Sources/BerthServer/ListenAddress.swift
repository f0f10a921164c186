import DockerEngine
import FoundationEssentials
import Glibc
import Hummingbird

/// The address at which the server listens.
///
/// As the server does not authenticate its clients, it is reachable from this machine only.
package enum ListenAddress: Sendable, Equatable, CustomStringConvertible {
    case loopback(host: String, port: Int)
    /// Both loopback addresses: a client may resolve `localhost` to either.
    case localhost(port: Int)
    /// `unix:/path`.
    case unixSocket(path: String)

    /// Parses `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` or `unix:/path`.
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
            throw SettingsError(
                "--listen must be 127.0.0.1:8080, [::1]:8080, localhost:8080 or unix:/path, not \(text)"
            )
        }
        if text[..<colon] == "localhost" {
            self = .localhost(port: Int(port))
            return
        }
        guard let host = Self.loopbackHosts[String(text[..<colon])] else {
            throw SettingsError(
                "--listen \(text) would accept connections from other machines, and this version does not authenticate "
                    + "clients. Listen on 127.0.0.1, [::1] or unix:/path, and use ssh -L to connect from other "
                    + "machines."
            )
        }
        self = .loopback(host: host, port: Int(port))
    }

    private static let loopbackHosts = ["127.0.0.1": "127.0.0.1", "[::1]": "::1"]

    package var description: String {
        switch self {
        case .loopback(let host, let port): "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .localhost(let port): "http://localhost:\(port)"
        case .unixSocket(let path): "unix:\(path)"
        }
    }

    /// The addresses to bind, all at once.
    var bindAddresses: [BindAddress] {
        switch self {
        case .loopback(let host, let port): [.hostname(host, port: port)]
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

    /// The text form with the kernel's port if the settings say 0.
    func description(boundTo port: Int?) -> String {
        guard case .loopback(let host, _) = self, let port else { return description }
        return ListenAddress.loopback(host: host, port: port).description
    }

    var isUnixSocket: Bool { if case .unixSocket = self { true } else { false } }

    /// Removes the socket of a server that exited without removing it; a socket that accepts connections stays.
    func removeStaleSocket() {
        guard case .unixSocket(let path) = self else { return }
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        guard type == .typeSocket, !UnixSocket.isListening(at: path) else { return }
        unlink(path)
    }
}
