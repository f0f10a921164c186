/// A strict reader of one JSON document (RFC 8259) from untrusted bytes.
///
/// It is stricter than the RFC in one respect: an object with a repeated name is refused, because readers disagree on
/// which of the values counts.
package struct JSONReader {
    let bytes: [UInt8]
    var position = 0
    private let depthLimit: Int

    /// Throws unless `bytes` are one document, nested at most `depthLimit` (32, never above 256) levels deep.
    package static func parse(
        _ bytes: some Collection<UInt8>,
        depthLimit: Int = 32
    ) throws(JSONSyntaxError) -> JSONValue {
        // Reading, printing and even freeing a value is recursive, so the depth must be small.
        var reader = JSONReader(bytes: Array(bytes), depthLimit: min(depthLimit, 256))
        return try reader.readDocument()
    }

    private mutating func readDocument() throws(JSONSyntaxError) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw failure("the body starts with a byte order mark; send UTF-8 without one")
        }
        skipBlanks()
        if next == nil { throw failure("the body is empty; send JSON") }
        let value = try readValue(depth: 1)
        skipBlanks()
        if next != nil { throw unexpected("the body must contain only one JSON value") }
        return value
    }

    private mutating func readValue(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        switch next {
        case "\"": return .string(try readString())
        case "{": return .object(try readObject(depth: depth))
        case "[": return .array(try readArray(depth: depth))
        case let start? where start == "-" || start.isDigit: return .number(try readNumber())
        case "t": return try readWord("true", as: .bool(true))
        case "f": return try readWord("false", as: .bool(false))
        case "n": return try readWord("null", as: .null)
        case "'": throw failure("a string must have double quotes")
        case "/": throw failure("JSON has no comments; remove this one")
        default: throw unexpected("expected a value")
        }
    }

    private mutating func readObject(depth: Int) throws(JSONSyntaxError) -> JSONObject {
        try enter(depth)
        var object = JSONObject()
        if skip("}") { return object }
        repeat {
            skipBlanks()
            let start = position
            let name = try readName()
            skipBlanks()
            guard skip(":") else { throw unexpected("a key must be followed by \":\" and a value") }
            skipBlanks()
            guard object.add(name, try readValue(depth: depth + 1)) else {
                throw failure("the same key \(quoted(name)) appears twice; keep one", at: start)
            }
            skipBlanks()
        } while skip(",")
        guard skip("}") else {
            throw unexpected("expected \",\" before the next member, or \"}\" at the end of the object")
        }
        return object
    }

    private mutating func readName() throws(JSONSyntaxError) -> String {
        switch next {
        case "\"": return try readString()
        case "}": throw failure("there is a \",\" before this \"}\"; remove it")
        default: throw unexpected("expected a key in double quotes")
        }
    }

    private mutating func readArray(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
        try enter(depth)
        var elements: [JSONValue] = []
        if skip("]") { return elements }
        repeat {
            skipBlanks()
            if next == "]" { throw failure("there is a \",\" before this \"]\"; remove it") }
            elements.append(try readValue(depth: depth + 1))
            skipBlanks()
        } while skip(",")
        guard skip("]") else {
            throw unexpected("expected \",\" before the next element, or \"]\" at the end of the array")
        }
        return elements
    }

    /// Skips the bracket that opens the level `depth`, and any blanks.
    private mutating func enter(_ depth: Int) throws(JSONSyntaxError) {
        if depth > depthLimit { throw failure("nested deeper than \(depthLimit) levels; reduce the nesting") }
        position += 1
        skipBlanks()
    }

    private mutating func readWord(_ word: StaticString, as value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        for byte in "\(word)".utf8 {
            guard position < bytes.count, bytes[position] == byte else {
                throw unexpected("write \(word) in full, or put quotes around text")
            }
            position += 1
        }
        return value
    }
}

extension JSONReader {
    /// The next byte, interpreted as Latin-1: bytes above ASCII match nothing in JSON.
    var next: Unicode.Scalar? {
        position < bytes.count ? Unicode.Scalar(bytes[position]) : nil
    }

    mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    mutating func skipBlanks() {
        while let next, next == " " || next == "\n" || next == "\r" || next == "\t" { position += 1 }
    }

    func failure(_ message: String, at offset: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(message, at: offset ?? position, in: bytes)
    }

    /// An error that names what was found instead of what `advice` requests.
    func unexpected(_ advice: String) -> JSONSyntaxError {
        guard let next else { return failure("the JSON ends too early: \(advice)") }
        let found = "!"..."~" ~= next ? String(next) : "byte 0x\(String(next.value, radix: 16))"
        return failure("unexpected \(found): \(advice)")
    }
}
