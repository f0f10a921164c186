/// The span and the trace that caused a request, from the header `traceparent`.
///
/// Source: W3C Trace Context, section 3.2.
struct TraceParent: Sendable, Equatable {
    let trace: TraceID
    let span: UInt64
    /// Whether the origin of the trace records it.
    let isSampled: Bool

    init(trace: TraceID, span: UInt64, isSampled: Bool) {
        self.trace = trace
        self.span = span
        self.isSampled = isSampled
    }

    /// Nil if `text` is invalid; of a later version, the fields of this version are read.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].utf8.count == 2, parts[0] != "ff", UInt8(small: parts[0]) != nil,
            parts[0] != "00" || parts.count == 4,
            let trace = TraceID(parts[1]), let span = UInt64(hexadecimal: parts[2]), span != 0,
            let flags = UInt8(small: parts[3])
        else { return nil }
        self.init(trace: trace, span: span, isSampled: flags & 1 == 1)
    }

    var text: String { "00-\(trace.text)-\(span.hexadecimal)-\(isSampled ? "01" : "00")" }
}

extension UInt8 {
    /// Nil unless `text` is two lower-case hexadecimal digits.
    fileprivate init?(small text: Substring) {
        guard let number = UInt64(hexadecimal: String(repeating: "0", count: 14) + text) else { return nil }
        self = UInt8(truncatingIfNeeded: number)
    }
}
