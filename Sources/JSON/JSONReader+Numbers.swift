extension JSONReader {
    mutating func readNumber() throws(JSONSyntaxError) -> JSONNumber {
        let start = position
        _ = skip("-")
        if skip("0") {
            if next?.isDigit == true {
                throw failure("a number cannot start with 0; remove the zero, or put quotes around text", at: start)
            }
        } else {
            try readDigits("a digit must follow the minus sign")
        }
        if skip(".") { try readDigits("a digit must follow the decimal point") }
        if skip("e") || skip("E") {
            if !skip("+") { _ = skip("-") }
            try readDigits("a digit must follow the exponent sign")
        }
        return JSONNumber(checked: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func readDigits(_ advice: String) throws(JSONSyntaxError) {
        let start = position
        while next?.isDigit == true { position += 1 }
        if position == start { throw unexpected(advice) }
    }
}

extension Unicode.Scalar {
    /// Unlike `Character.isNumber`, true for the ten ASCII digits only.
    var isDigit: Bool { "0"..."9" ~= self }
}
