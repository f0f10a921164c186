import HTTPTypes

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
            let digits = String(UInt64.random(in: .min ... .max), radix: 16)
            text = String(repeating: "0", count: 16 - digits.count) + digits
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
