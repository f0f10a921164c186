/// `text` as a JSON string.
func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    guard !isPlain else { return "\"\(text)\"" }
    var escaped = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "\\": escaped += "\\\(scalar)"
        case "\u{0}"..<" ":
            let digits = String(scalar.value, radix: 16)
            escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return "\"\(escaped)\""
}

func json(_ texts: [String]) -> String { "[" + texts.map(quoted).joined(separator: ",") + "]" }

func json(_ bindings: [String: [[String: String]]]) -> String {
    "{"
        + bindings.map { quoted($0.key) + ":[" + $0.value.map { json($0) }.joined(separator: ",") + "]" }
        .joined(separator: ",") + "}"
}

func json(_ texts: [String: String]) -> String {
    "{" + texts.map { quoted($0.key) + ":" + quoted($0.value) }.joined(separator: ",") + "}"
}
