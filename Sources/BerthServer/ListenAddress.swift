import DockerEngine
import Glibc
import Hummingbird

/// Where the server listens.
///
/// As long as it asks nobody who they are, only this machine may reach it.
package enum ListenAddress: Sendable, Equatable, CustomStringConvertible {
    case loopback(host: String, port: Int)
    /// `unix:/path`.
    case unixSocket(path: String)

    /// Reads `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` or `unix:/path`.
    init(_ text: String) throws(SettingsError) {
        if text.hasPrefix("unix:") {
            let path = text.hasPrefix("unix://") ? text.dropFirst(7) : text.dropFirst(5)
            guard path.hasPrefix("/"), path.utf8.count <= 107 else {
                throw SettingsError("--listen unix:/path needs an absolute path of at most 107 bytes")
            }
            self = .unixSocket(path: String(path))
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            !text[colon...].contains("+")
        else {
            throw SettingsError("--listen takes 127.0.0.1:8080, [::1]:8080 or unix:/path, not \(text)")
        }
        guard let host = Self.loopbackHosts[String(text[..<colon])] else {
            throw SettingsError(
                "--listen \(text) would let others in, and this berth does not know yet who is who. Listen on 127.0.0.1, "
                    + "[::1] or unix:/path, and reach it from elsewhere with ssh -L."
            )
        }
        self = .loopback(host: host, port: Int(port))
    }

    private static let loopbackHosts = ["127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "[::1]": "::1"]

    package var description: String {
        switch self {
        case .loopback(let host, let port): "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .unixSocket(let path): "unix:\(path)"
        }
    }

    var bindAddress: BindAddress {
        switch self {
        case .loopback(let host, let port): .hostname(host, port: port)
        case .unixSocket(let path): .unixDomainSocket(path: path)
        }
    }

    /// Removes the socket of a server that ended without a chance to do so; one that answers stays.
    func removeStaleSocket() {
        guard case .unixSocket(let path) = self else { return }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK, !UnixSocket.isListening(at: path) else {
            return
        }
        unlink(path)
    }
}
