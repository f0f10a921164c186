extension FieldDecoder where Value == String {
    /// A text whose number of code points is in `length`.
    package static func string(length: ClosedRange<Int> = 0...1_048_576) -> FieldDecoder {
        FieldDecoder(
            schema: .schema(
                type: "string",
                limits: ("minLength", length.lowerBound > 0 ? JSONValue(length.lowerBound) : .null),
                ("maxLength", length.upperBound < 1_048_576 ? JSONValue(length.upperBound) : .null)
            )
        ) { value, pointer throws(FieldErrors) in
            guard case .string(let text) = value else { throw .wrongKind(value, wanted: "a string", at: pointer) }
            let count = text.unicodeScalars.count
            if count < length.lowerBound {
                throw FieldErrors(
                    count == 0 ? "must not be empty" : "must have at least \(length.lowerBound) characters",
                    at: pointer
                )
            }
            if count > length.upperBound {
                throw FieldErrors("must have at most \(length.upperBound) characters", at: pointer)
            }
            return text
        }
    }

    /// One of several words.
    package static func choice(of words: [String]) -> FieldDecoder {
        FieldDecoder(schema: ["type": "string", "enum": .array(words.map { .string($0) })]) {
            value,
            pointer throws(FieldErrors) in
            let text = try string().read(value, pointer)
            if let word = words.first(where: { ExactText($0) == ExactText(text) }) { return word }
            throw FieldErrors(choiceComplaint(about: text, words: words), at: pointer)
        }
    }
}

/// A message that `text` is none of `words`, with the word that was probably meant.
package func choiceComplaint(about text: String, words: [String]) -> String {
    let meant = closest(to: text, among: words).map { "; did you mean \"\($0)\"?" } ?? ""
    return "must be one of \(words.map { "\"\($0)\"" }.joined(separator: ", "))\(meant)"
}

extension FieldDecoder where Value == Bool {
    package static var boolean: FieldDecoder {
        FieldDecoder(schema: ["type": "boolean"]) { value, pointer throws(FieldErrors) in
            guard case .bool(let truth) = value else { throw .wrongKind(value, wanted: "true or false", at: pointer) }
            return truth
        }
    }
}

extension FieldDecoder where Value == Int {
    /// A whole number, in any notation: `1.0` and `1e2` are whole numbers.
    package static func integer(in range: ClosedRange<Int> = .min ... .max) -> FieldDecoder {
        FieldDecoder(
            schema: .schema(
                type: "integer",
                limits: ("minimum", range.lowerBound > .min ? JSONValue(range.lowerBound) : .null),
                ("maximum", range.upperBound < .max ? JSONValue(range.upperBound) : .null)
            )
        ) { value, pointer throws(FieldErrors) in
            guard case .number(let number) = value else {
                throw .wrongKind(value, wanted: "a whole number", at: pointer)
            }
            guard let integer = number.integer, range ~= integer else {
                throw FieldErrors("must be a whole number from \(range.lowerBound) to \(range.upperBound)", at: pointer)
            }
            return integer
        }
    }
}

extension FieldDecoder where Value == Double {
    package static func number(in range: ClosedRange<Double>) -> FieldDecoder {
        FieldDecoder(
            schema: .schema(
                type: "number",
                limits: ("minimum", JSONNumber(range.lowerBound).map { .number($0) } ?? .null),
                ("maximum", JSONNumber(range.upperBound).map { .number($0) } ?? .null)
            )
        ) { value, pointer throws(FieldErrors) in
            guard case .number(let number) = value else { throw .wrongKind(value, wanted: "a number", at: pointer) }
            guard let double = number.double, range ~= double else {
                throw FieldErrors("must be a number from \(range.lowerBound) to \(range.upperBound)", at: pointer)
            }
            return double
        }
    }
}
