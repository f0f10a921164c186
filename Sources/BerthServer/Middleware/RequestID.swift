import HTTPTypes

/// The id of a request in its response and in the log.
struct RequestID {
    let text: String
    /// The same id as a trace id, if it can be one.
    let trace: TraceID?

    /// The client's own id if it is safe to repeat in a header and in the log.
    ///
    /// Otherwise the id of the request's trace, or a new one.
    init(_ given: String? = nil, caller: TraceParent? = nil) {
        if let given, Self.isSane(given) {
            text = given
            trace = TraceID(given)
        } else {
            let trace = caller?.trace ?? TraceID()
            text = trace.text
            self.trace = trace
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
    static let traceParent = named("traceparent")

    /// - Parameter name: letters and dashes.
    static func named(_ name: String) -> Self {
        guard let name = HTTPField.Name(name) else { preconditionFailure("letters and dashes are a name") }
        return name
    }
}
