import JSON

extension FieldDecoder where Value == Int64 {
    /// A size in bytes, as a number, or as text in Docker's units, which are powers of 1024: `512m`, `1.5GiB`.
    static func bytes(in range: ClosedRange<Int64>) -> FieldDecoder {
        let limits: JSONValue = [
            "type": "integer", "minimum": JSONValue(range.lowerBound), "maximum": JSONValue(range.upperBound),
        ]
        let text: JSONValue = ["type": "string", "pattern": #"^[0-9]+(\.[0-9]+)? ?([bB]|[kKmMgGtTpP](i?[bB])?)?$"#]
        return FieldDecoder(schema: .schema(ofOne: limits, text), encodedSchema: limits) {
            value,
            pointer throws(FieldErrors) in
            let number: Int64?
            switch value {
            case .number(let given): number = given.integer.map { Int64($0) }
            case .string(let given): number = bytes(fromText: given)
            default: throw .wrongKind(value, wanted: "a number of bytes or text such as \"512m\"", at: pointer)
            }
            guard let number, range ~= number else {
                throw FieldErrors(
                    "must be \(range.lowerBound) to \(range.upperBound) bytes, as a whole number or as text such as \"512m\"",
                    at: pointer
                )
            }
            return number
        }
    }

    private static func bytes(fromText text: String) -> Int64? {
        guard text.utf8.count <= 32 else { return nil }
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        var unit = text.dropFirst(digits.count).lowercased()
        if unit.first == " " { unit.removeFirst() }
        let powers = ["": 0, "b": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5]
        let suffix = unit.count > 1 ? unit.dropFirst() : ""
        guard let first = digits.first, first != ".", digits.last != ".", let number = Double(digits),
            let power = powers[String(unit.prefix(1))], ["", "b", "ib"].contains(suffix), power > 0 || suffix.isEmpty
        else { return nil }
        return Int64(exactly: (number * Double(1 << (10 * power))).rounded(.down))
    }
}
