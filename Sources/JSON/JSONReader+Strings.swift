extension JSONReader {
    /// Reads a quoted string; `position` is at its opening quote.
    mutating func readString() throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        skipText()
        if next == "\"" {
            defer { position += 1 }
            return try text(in: start..<position)
        }
        return try readEscapedString(from: start)
    }

    /// Moves to the next byte that is not plain text of a string, or to the end.
    private mutating func skipText() {
        position = endOfText()
    }

    private func endOfText() -> Int {
        let bytes = bytes.span
        var end = position
        while end < bytes.count, bytes[end] >= 0x20, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: "\\")
        {
            end += 1
        }
        return end
    }

    /// Reads a string with escapes, which is slower: `start` is the index of the text, `position` is at the end of its
    /// first plain part.
    private mutating func readEscapedString(from start: Int) throws(JSONSyntaxError) -> String {
        var decoded = Array(bytes[start..<position])
        while true {
            switch next {
            case "\"":
                // Validated as sent, for a correct offset; an escape never completes an invalid sequence.
                _ = try text(in: start..<position)
                position += 1
                return String(decoding: decoded, as: UTF8.self)
            case "\\":
                decoded.append(contentsOf: String(try readEscape()).utf8)
            case nil:
                throw failure("the string that starts here is not closed; end it with a double quote", at: start - 1)
            default:
                throw failure("a control character or line break in a string; write it as an escape such as \\n")
            }
            let stretch = position
            skipText()
            decoded.append(contentsOf: bytes[stretch..<position])
        }
    }

    private func text(in range: Range<Int>) throws(JSONSyntaxError) -> String {
        do throws(UTF8.ValidationError) {
            return String(copying: try UTF8Span(validating: bytes.span.extracting(range)))
        } catch {
            throw failure("not UTF-8; encode the body as UTF-8", at: range.lowerBound + error.byteOffsets.lowerBound)
        }
    }

    private mutating func readEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = position
        position += 1
        guard let letter = next else { throw unexpected("an escape sequence must be complete") }
        position += 1
        switch letter {
        case "\"", "\\", "/": return letter
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u": return try readUnicodeEscape(from: start)
        default: throw failure("an unknown escape sequence; write a backslash as \\\\", at: start)
        }
    }

    /// Reads the digits of `\uXXXX`, and the complete second half of a surrogate pair.
    private mutating func readUnicodeEscape(from start: Int) throws(JSONSyntaxError) -> Unicode.Scalar {
        let high = try readHexDigits(from: start)
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard UTF16.isLeadSurrogate(high), skip("\\"), skip("u") else { throw loneSurrogate(at: start) }
        let low = try readHexDigits(from: start)
        let scalar = Unicode.Scalar(0x10000 + UInt32(high & 0x3FF) << 10 + UInt32(low & 0x3FF))
        guard UTF16.isTrailSurrogate(low), let scalar else { throw loneSurrogate(at: start) }
        return scalar
    }

    private func loneSurrogate(at offset: Int) -> JSONSyntaxError {
        failure("an incomplete surrogate pair; send both halves, or the character itself", at: offset)
    }

    private mutating func readHexDigits(from start: Int) throws(JSONSyntaxError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap({ $0.isASCII ? Character($0).hexDigitValue : nil }) else {
                throw failure("\\u needs four hexadecimal digits", at: start)
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}
