/// A JSON number with its digits exactly as sent.
package struct JSONNumber: Sendable, Equatable {
    package let literal: String

    /// `literal` must follow the number grammar of RFC 8259; the caller has checked that.
    init(checked literal: String) {
        self.literal = literal
    }

    package init(_ value: some BinaryInteger & Sendable) {
        literal = String(value)
    }

    /// Nil for infinities and NaN, which JSON cannot represent.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        literal = value.description
    }

    /// The nearest double, or nil if the number is too large for one.
    package var double: Double? {
        Double(literal).flatMap { $0.isFinite ? $0 : nil }
    }

    /// The exact integer value, in any notation: 100, `100.0` and `1e2` are the same; nil if it is not an integer.
    package var integer: Int? {
        guard let decimal = Decimal(literal) else { return nil }
        if decimal.digits.isEmpty { return 0 }
        guard 0...18 ~= decimal.exponent else { return nil }
        var result = 0
        for digit in decimal.digits {
            guard let next = result.shifted(adding: decimal.isNegative ? -digit : digit) else { return nil }
            result = next
        }
        for _ in 0..<decimal.exponent {
            guard let next = result.shifted(adding: 0) else { return nil }
            result = next
        }
        return result
    }
}

/// ± digits × 10^exponent, without leading and trailing zeros in the digits.
private struct Decimal {
    let isNegative: Bool
    let digits: ArraySlice<Int>
    let exponent: Int

    init?(_ literal: String) {
        let parts = literal.utf8.split(maxSplits: 1) { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }
        guard let mantissa = parts.first else { return nil }
        let halves = mantissa.split(separator: UInt8(ascii: "."), maxSplits: 1)
        let fractionLength = halves.count == 2 ? halves[1].count : 0
        let significant = mantissa.filter { $0 >= UInt8(ascii: "0") }.drop { $0 == UInt8(ascii: "0") }
        let trailingZeros = significant.reversed().prefix { $0 == UInt8(ascii: "0") }.count
        isNegative = mantissa.first == UInt8(ascii: "-")
        digits = significant.dropLast(trailingZeros).map { Int($0 - UInt8(ascii: "0")) }[...]
        // No body has enough digits to compensate an exponent beyond this bound.
        let written = parts.count == 2 ? Int(Substring(parts[1])).map { min(max($0, -(1 << 40)), 1 << 40) } : 0
        exponent = (written ?? (1 << 40)) + trailingZeros - fractionLength
    }
}

extension Int {
    /// This × 10 + `digit`, or nil if that overflows.
    fileprivate func shifted(adding digit: Int) -> Int? {
        let (tens, overflowed) = multipliedReportingOverflow(by: 10)
        let (sum, overflowedAgain) = tens.addingReportingOverflow(digit)
        return overflowed || overflowedAgain ? nil : sum
    }
}
