import JSON

extension FieldDecoder where Value == Int64 {
    /// A number of bytes, or of other things.
    static var size: FieldDecoder { FieldDecoder<Int>.integer(in: 0 ... .max).map { Int64($0) } }
}

extension FieldDecoder where Value == String {
    /// One of these words.
    ///
    /// Any text is accepted, because a newer server may have more of them.
    static func word(of words: [String]) -> FieldDecoder {
        FieldDecoder(schema: choice(of: words).schema) { value, pointer throws(FieldErrors) in
            try string().read(value, pointer)
        }
    }

    /// A time in RFC 3339.
    static var time: FieldDecoder {
        FieldDecoder(schema: ["type": "string", "format": "date-time"]) { value, pointer throws(FieldErrors) in
            try string().read(value, pointer)
        }
    }
}
