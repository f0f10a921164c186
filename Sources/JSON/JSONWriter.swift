extension JSONValue {
    /// The document in its compact form; equal values always give equal bytes.
    package func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }

    /// The document as text.
    package var text: String {
        String(decoding: encoded(), as: UTF8.self)
    }
}

private struct JSONWriter {
    var bytes: [UInt8] = []

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let number): bytes.append(contentsOf: number.literal.utf8)
        case .string(let text): write(text)
        case .array(let elements): write(elements, between: "[", and: "]") { $0.write($1) }
        case .object(let object):
            write(object.members, between: "{", and: "}") { writer, member in
                writer.write(member.name)
                writer.write(":" as Unicode.Scalar)
                writer.write(member.value)
            }
        }
    }

    private mutating func write<Item>(
        _ items: [Item],
        between open: Unicode.Scalar,
        and close: Unicode.Scalar,
        _ writeItem: (inout JSONWriter, Item) -> Void
    ) {
        write(open)
        for (position, item) in items.enumerated() {
            if position > 0 { write("," as Unicode.Scalar) }
            writeItem(&self, item)
        }
        write(close)
    }

    private mutating func write(_ text: String) {
        write("\"" as Unicode.Scalar)
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            bytes.append(contentsOf: text.utf8)
        } else {
            for byte in text.utf8 { writeEscaped(byte) }
        }
        write("\"" as Unicode.Scalar)
    }

    private mutating func writeEscaped(_ byte: UInt8) {
        switch Unicode.Scalar(byte) {
        case "\"": bytes.append(contentsOf: "\\\"".utf8)
        case "\\": bytes.append(contentsOf: "\\\\".utf8)
        case "\n": bytes.append(contentsOf: "\\n".utf8)
        case "\r": bytes.append(contentsOf: "\\r".utf8)
        case "\t": bytes.append(contentsOf: "\\t".utf8)
        case "\0"..."\u{1F}":
            bytes.append(contentsOf: (byte < 0x10 ? "\\u000" : "\\u00").utf8)
            bytes.append(contentsOf: String(byte, radix: 16).utf8)
        default: bytes.append(byte)
        }
    }

    private mutating func write(_ punctuation: Unicode.Scalar) {
        bytes.append(UInt8(truncatingIfNeeded: punctuation.value))
    }
}
