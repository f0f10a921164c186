extension FieldShape where Value == String {
    /// Text of so many code points.
    package static func string(length: ClosedRange<Int> = 0...1_048_576) -> FieldShape {
        FieldShape { value, pointer throws(FieldFaults) in
            guard case .string(let text) = value else { throw .wrongKind(value, wanted: "a string", at: pointer) }
            let count = text.unicodeScalars.count
            if count < length.lowerBound {
                throw FieldFaults(
                    count == 0 ? "must not be empty" : "must have at least \(length.lowerBound) characters",
                    at: pointer
                )
            }
            if count > length.upperBound {
                throw FieldFaults("must have at most \(length.upperBound) characters", at: pointer)
            }
            return text
        }
    }

    /// One of a few words.
    package static func choice(of words: [String]) -> FieldShape {
        FieldShape { value, pointer throws(FieldFaults) in
            let text = try string().read(value, pointer)
            if let word = words.first(where: { ExactText($0) == ExactText(text) }) { return word }
            let meant = closest(to: text, among: words).map { "; did you mean \"\($0)\"?" } ?? ""
            let listed = words.map { "\"\($0)\"" }.joined(separator: ", ")
            throw FieldFaults("must be one of \(listed)\(meant)", at: pointer)
        }
    }
}

extension FieldShape where Value == Bool {
    package static var boolean: FieldShape {
        FieldShape { value, pointer throws(FieldFaults) in
            guard case .bool(let truth) = value else { throw .wrongKind(value, wanted: "true or false", at: pointer) }
            return truth
        }
    }
}

extension FieldShape where Value == Int {
    /// A whole number; `1.0` and `1e2` are whole numbers too.
    package static func integer(in range: ClosedRange<Int> = .min ... .max) -> FieldShape {
        FieldShape { value, pointer throws(FieldFaults) in
            guard case .number(let number) = value else {
                throw .wrongKind(value, wanted: "a whole number", at: pointer)
            }
            guard let integer = number.integer, range ~= integer else {
                throw FieldFaults("must be a whole number from \(range.lowerBound) to \(range.upperBound)", at: pointer)
            }
            return integer
        }
    }
}

extension FieldShape where Value == Double {
    package static func number(in range: ClosedRange<Double>) -> FieldShape {
        FieldShape { value, pointer throws(FieldFaults) in
            guard case .number(let number) = value else { throw .wrongKind(value, wanted: "a number", at: pointer) }
            guard let double = number.double, range ~= double else {
                throw FieldFaults("must be a number from \(range.lowerBound) to \(range.upperBound)", at: pointer)
            }
            return double
        }
    }
}
