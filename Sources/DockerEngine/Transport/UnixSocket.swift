import Glibc

/// Unix sockets by their paths.
package enum UnixSocket {
    /// The longest path of a socket that this process opens, in bytes: NIO allows no more, the kernel 107.
    package static let maximumPathBytes = 103
    /// How long the path of one may be at most, in bytes.
    static let kernelPathBytes = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// Whether a process accepts connections at `path`.
    ///
    /// A file may exist before or after a process listens on it.
    package static func isListening(at path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withAddress(path) { connect(descriptor, $0, $1) } == 0
    }

    /// A non-blocking descriptor that accepts connections to `path`, at which no file may exist yet.
    ///
    /// - Throws: `SSHFailure` `misconfigured`.
    static func listen(at path: String) throws -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        // No client can connect between the two calls: the socket does not listen yet.
        guard descriptor >= 0, withAddress(path, { bind(descriptor, $0, $1) }) == 0, chmod(path, 0o600) == 0,
            Glibc.listen(descriptor, 128) == 0
        else {
            let reason = String(cString: strerror(errno))
            if descriptor >= 0 { close(descriptor) }
            throw SSHFailure(reason: .misconfigured, message: "cannot create a socket at \(path): \(reason)")
        }
        return descriptor
    }

    /// - Returns: the result of `body`, or -1 if the path is too long.
    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return -1 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
