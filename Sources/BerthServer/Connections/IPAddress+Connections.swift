import Berth
import NIOCore

// Addresses of connections.
extension IPAddress {
    /// Nil for the address of a Unix socket.
    init?(_ address: SocketAddress) {
        switch address {
        case .v4(let address): self.init(v4: UInt32(bigEndian: address.address.sin_addr.s_addr))
        case .v6(let address): self = withUnsafeBytes(of: address.address.sin6_addr, IPAddress.init(bytes:))
        case .unixDomainSocket: return nil
        }
    }

    static let unspecified = IPAddress(high: 0, low: 0)

    /// `127.0.0.0/8` or `::1`.
    var isLoopback: Bool { self == IPAddress(high: 0, low: 1) || (isIPv4 && low >> 24 & 0xFF == 127) }

    /// The addresses of one client: an IPv4 address; of IPv6 the first 64 bits, as clients have all of the rest.
    var site: IPAddress { isIPv4 ? self : IPAddress(high: high, low: 0) }
}
