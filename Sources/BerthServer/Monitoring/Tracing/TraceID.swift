import Synchronization

/// Names one request and all that is done for it, here and elsewhere: 16 bytes, written as 32 digits.
struct TraceID: Sendable, Equatable {
    let high: UInt64
    let low: UInt64

    /// A fresh one.
    init() {
        high = Identifiers.ofProcess
        low = Identifiers.next()
    }

    /// Nil for what is not 32 small hexadecimal digits, or all zeros.
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

/// Where numbers come from of which no two are the same.
enum Identifiers {
    /// Another one for each process.
    static let ofProcess = UInt64.random(in: 1 ... .max)

    /// Counts from a random number on; scattered, so that two in a row do not look alike.
    ///
    /// Of one process no two are the same, and no request has to ask the kernel for randomness.
    static func next() -> UInt64 {
        var id = count.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        // Sebastiano Vigna's SplitMix64, which gives each number another one.
        id = (id ^ (id >> 30)) &* 0xBF58_476D_1CE4_E5B9
        id = (id ^ (id >> 27)) &* 0x94D0_49BB_1331_11EB
        return id ^ (id >> 31)
    }

    private static let count = Atomic(UInt64.random(in: .min ... .max))
}

extension UInt64 {
    /// Nil for anything but 16 small hexadecimal digits.
    init?(hexadecimal text: some StringProtocol) {
        guard text.utf8.count == 16 else { return nil }
        self = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): self = self << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): self = self << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
    }

    /// In 16 digits.
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
