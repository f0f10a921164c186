import Glibc

/// Free ports of the machine's two loopback addresses.
enum LoopbackPort {
    /// Whether the machine has `::1`.
    static var hasIPv6: Bool { reserve(AF_INET6, port: 0) { _ in true } ?? false }

    /// A port that is free at both addresses; nil if none is found.
    static func free() -> Int? {
        for _ in 0..<20 {
            let port: UInt16? = reserve(AF_INET, port: 0) { port in
                !hasIPv6 || reserve(AF_INET6, port: port) { _ in true } != nil ? port : nil
            }
            if let port { return Int(port) }
        }
        return nil
    }

    /// Calls `body` with the port while it is bound; nil if it cannot be bound.
    private static func reserve<Result>(_ family: Int32, port: UInt16, _ body: (UInt16) -> Result?) -> Result? {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var address = sockaddr_in6()
        // sockaddr_in and sockaddr_in6 have the same first fields.
        address.sin6_family = sa_family_t(family)
        address.sin6_port = port.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        if family == AF_INET6 {
            address.sin6_addr = in6addr_loopback
        } else {
            address.sin6_flowinfo = UInt32(0x7F00_0001).bigEndian
        }
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        return isBound ? body(UInt16(bigEndian: address.sin6_port)) : nil
    }
}
