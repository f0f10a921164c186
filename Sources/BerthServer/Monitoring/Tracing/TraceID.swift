import Berth
import Synchronization

/// The id of a trace, which names one request and all work done for it: 16 bytes, written as 32 digits.
struct TraceID: Sendable, Equatable {
    let high: UInt64
    let low: UInt64

    /// Creates a new id.
    init() {
        high = Identifiers.ofProcess
        low = Identifiers.next()
    }

    /// Nil unless `text` is 32 lower-case hexadecimal digits that are not all zeros.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count == 32, let high = UInt64(hexadecimal: text.prefix(16)),
            let low = UInt64(hexadecimal: text.suffix(16)), high != 0 || low != 0
        else { return nil }
        self.high = high
        self.low = low
    }

    var text: String {
        String(unsafeUninitializedCapacity: 32) { bytes in
            high.writeHexadecimal(to: bytes, at: 0)
            low.writeHexadecimal(to: bytes, at: 16)
            return 32
        }
    }
}

/// Generates unique numbers.
enum Identifiers {
    /// Different for each process.
    static let ofProcess = UInt64.random(in: 1 ... .max)

    /// Counts from a random number and scatters the result, so that consecutive numbers do not look alike.
    ///
    /// Numbers are unique within a process, and no request needs a system call for randomness.
    static func next() -> UInt64 {
        var id = count.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        // Sebastiano Vigna's SplitMix64, which maps each number to a different one.
        id = (id ^ (id >> 30)) &* 0xBF58_476D_1CE4_E5B9
        id = (id ^ (id >> 27)) &* 0x94D0_49BB_1331_11EB
        return id ^ (id >> 31)
    }

    private static let count = Atomic(UInt64.random(in: .min ... .max))
}

extension UInt64 {
    /// 16 hexadecimal digits.
    var hexadecimal: String {
        String(unsafeUninitializedCapacity: 16) { bytes in
            writeHexadecimal(to: bytes, at: 0)
            return 16
        }
    }

    fileprivate func writeHexadecimal(to bytes: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
        for place in 0..<16 {
            let digit = UInt8(truncatingIfNeeded: self >> (60 - 4 * UInt64(place))) & 15
            bytes[start + place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        }
    }
}
