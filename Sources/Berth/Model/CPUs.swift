package import JSON

/// A share of the host's processors.
package struct CPUs: Sendable, Comparable, CustomStringConvertible, JSONRepresentable {
    /// Billionths of one processor.
    package let billionths: Int64

    package init(billionths: Int64) { self.billionths = billionths }

    package var description: String { json.text }

    package static func < (left: CPUs, right: CPUs) -> Bool { left.billionths < right.billionths }

    /// In processors: `2`, `0.5`.
    package var json: JSONValue {
        let (whole, rest) = billionths.quotientAndRemainder(dividingBy: 1_000_000_000)
        return rest == 0 ? JSONValue(whole) : JSONNumber(Double(billionths) / 1e9).map { .number($0) } ?? .null
    }
}

extension FieldDecoder where Value == CPUs {
    static var cpus: FieldDecoder {
        FieldDecoder<Double>.number(in: 0.01...1024).map { CPUs(billionths: Int64(($0 * 1e9).rounded())) }
    }
}
