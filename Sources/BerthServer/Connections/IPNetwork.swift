import Berth

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
