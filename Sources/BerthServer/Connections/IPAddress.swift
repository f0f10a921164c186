import Glibc
import NIOCore

/// An IPv6 address; an IPv4 address is `::ffff:a.b.c.d`, as a socket of both families reports it.
struct IPAddress: Hashable, Sendable {
    fileprivate let high: UInt64
    fileprivate let low: UInt64

    fileprivate init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    /// Parses `192.0.2.1` or `2001:db8::1`; nil for anything else.
    init?(_ text: some StringProtocol) {
        let text = String(text)
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.init(v4: bytes.withUnsafeBytes { UInt32(bigEndian: $0.loadUnaligned(as: UInt32.self)) })
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            self = bytes.withUnsafeBytes(IPAddress.init(bytes:))
        } else {
            return nil
        }
    }

    /// Nil for the address of a Unix socket.
    init?(_ address: SocketAddress) {
        switch address {
        case .v4(let address): self.init(v4: UInt32(bigEndian: address.address.sin_addr.s_addr))
        case .v6(let address): self = withUnsafeBytes(of: address.address.sin6_addr, IPAddress.init(bytes:))
        case .unixDomainSocket: return nil
        }
    }

    private init(v4: UInt32) { self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(v4)) }

    /// - Parameter bytes: 16 bytes in network order.
    private init(bytes: UnsafeRawBufferPointer) {
        self.init(
            high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
    }

    static let unspecified = IPAddress(high: 0, low: 0)

    var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// `127.0.0.0/8` or `::1`.
    var isLoopback: Bool { self == IPAddress(high: 0, low: 1) || (isIPv4 && low >> 24 & 0xFF == 127) }

    /// The addresses of one client: an IPv4 address; of IPv6 the first 64 bits, as clients have all of the rest.
    var site: IPAddress { isIPv4 ? self : IPAddress(high: high, low: 0) }
}

extension IPAddress: CustomStringConvertible {
    var description: String {
        var bytes = (high.bigEndian, low.bigEndian)
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        withUnsafeBytes(of: &bytes) { bytes in
            let start = isIPv4 ? bytes.baseAddress.map { $0 + 12 } : bytes.baseAddress
            _ = inet_ntop(isIPv4 ? AF_INET : AF_INET6, start, &text, socklen_t(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// The addresses with the same first bits.
struct IPNetwork: Sendable, Equatable {
    private let address: IPAddress
    /// 0 to 128.
    private let prefix: Int

    /// Parses an address, or `10.0.0.0/8`; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress($0) }) else { return nil }
        let bits = address.isIPv4 ? 32 : 128
        var length = bits
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...bits).contains(given), !parts[1].hasPrefix("+") else { return nil }
            length = given
        }
        (self.address, prefix) = (address, 128 - bits + length)
    }

    func contains(_ other: IPAddress) -> Bool {
        let (high, low) = (address.high ^ other.high, address.low ^ other.low)
        return high >> (64 - min(prefix, 64)) == 0 && low >> (64 - max(prefix - 64, 0)) == 0
    }
}
