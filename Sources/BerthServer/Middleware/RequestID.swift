import HTTPTypes
import Synchronization

/// What a request is called in its answer and in the log.
struct RequestID {
    let text: String

    /// The client's own name for it if that is sane: what is repeated in a header and in the log.
    ///
    /// Otherwise a fresh one.
    init(_ given: String? = nil) {
        if let given, Self.isSane(given) {
            text = given
        } else {
            text = Self.hexadecimal(Self.next())
        }
    }

    /// Counts from a random number on; scattered, so that two ids in a row do not look alike.
    ///
    /// Of one process no two are the same, and no request has to ask the kernel for randomness.
    private static func next() -> UInt64 {
        var id = count.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        // Sebastiano Vigna's SplitMix64, which gives each number another one.
        id = (id ^ (id >> 30)) &* 0xBF58_476D_1CE4_E5B9
        id = (id ^ (id >> 27)) &* 0x94D0_49BB_1331_11EB
        return id ^ (id >> 31)
    }

    private static let count = Atomic(UInt64.random(in: .min ... .max))

    /// In 16 digits.
    static func hexadecimal(_ number: UInt64) -> String {
        String(unsafeUninitializedCapacity: 16) { bytes in
            for place in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: number >> (60 - 4 * UInt64(place))) & 15
                bytes[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return 16
        }
    }

    private static func isSane(_ id: String) -> Bool {
        guard (1...128).contains(id.utf8.count) else { return false }
        return id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }
}

extension HTTPField.Name {
    static let requestID = named("X-Request-Id")
    static let serverTiming = named("Server-Timing")

    /// - Parameter name: letters and dashes.
    static func named(_ name: String) -> Self {
        guard let name = HTTPField.Name(name) else { preconditionFailure("letters and dashes are a name") }
        return name
    }
}
