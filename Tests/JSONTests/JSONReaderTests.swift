import JSON
import TestSupport
import Testing

@Suite struct JSONReaderTests {
    @Test(
        arguments: [
            ("null", nil), (" \t\r\n true \n", true), ("false", false), ("[]", []), ("{ }", [:]),
            (#"[1 , [ ] ,{"a" : null}]"#, [1, [], ["a": nil]]),
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u0000\u00e9\u00E9\uD83D\uDE00\uffff""#, "\0éé😀\u{FFFF}"),
            ("\"é€😀\u{7F}\"", "é€😀\u{7F}"),
            (#""x\u0041""#, "xA"),
            (#"{"a":1,"A":2,"":3}"#, ["a": 1, "A": 2, "": 3]),
            ("{\"\u{E9}\":1,\"e\u{301}\":2}", ["\u{E9}": 1, "e\u{301}": 2]),
        ] as [(String, JSONValue)]
    )
    func `A document is read`(text: String, value: JSONValue) throws {
        #expect(try JSONReader.parse(text.utf8) == value)
    }

    @Test(arguments: ["0", "-0", "10", "1.50", "-1.0e+05", "1E400", "0.1e-7", "123456789012345678901234567890"])
    func `A number keeps its digits`(literal: String) throws {
        #expect(try JSONReader.parse(literal.utf8).text == literal)
    }

    @Test(arguments: [
        ("", "the body is empty; send JSON", 0),
        (" \n", "the body is empty; send JSON", 2),
        ("\u{FEFF}{}", "the body starts with a byte order mark; send UTF-8 without one", 0),
        ("{} x", "unexpected x: the body must contain only one JSON value", 3),
        ("{}\0", "unexpected byte 0x0: the body must contain only one JSON value", 2),
        (#"{"name":1,"n\u0061me":2}"#, #"the same key "name" appears twice; keep one"#, 10),
        ("[1,]", "there is a \",\" before this \"]\"; remove it", 3),
        ("{\"a\":1,}", "there is a \",\" before this \"}\"; remove it", 7),
        ("[,1]", "unexpected ,: expected a value", 1),
        ("[1 2]", "unexpected 2: expected \",\" before the next element, or \"]\" at the end of the array", 3),
        ("{\"a\" 1}", "unexpected 1: a key must be followed by \":\" and a value", 5),
        (
            "{\"a\":1 \"b\":2}",
            "unexpected \": expected \",\" before the next member, or \"}\" at the end of the object", 7
        ),
        ("{a:1}", "unexpected a: expected a key in double quotes", 1),
        ("['a']", "a string must have double quotes", 1),
        ("// x\n1", "JSON has no comments; remove this one", 0),
        ("True", "unexpected T: expected a value", 0),
        ("trux", "unexpected x: write true in full, or put quotes around text", 3),
        ("nul", "the JSON ends too early: write null in full, or put quotes around text", 3),
        ("NaN", "unexpected N: expected a value", 0),
        ("é", "unexpected byte 0xc3: expected a value", 0),
        ("\"a\nb\"", "a control character or line break in a string; write it as an escape such as \\n", 2),
        ("[\"abc", "the string that starts here is not closed; end it with a double quote", 1),
        (#""\x41""#, #"an unknown escape sequence; write a backslash as \\"#, 1),
        (#""\u12G4""#, #"\u needs four hexadecimal digits"#, 1),
        (#""\u+123""#, #"\u needs four hexadecimal digits"#, 1),
        ("\"\\u00\u{FF11}1\"", #"\u needs four hexadecimal digits"#, 1),
        ("007", "a number cannot start with 0; remove the zero, or put quotes around text", 0),
        ("-", "the JSON ends too early: a digit must follow the minus sign", 1),
        ("-Infinity", "unexpected I: a digit must follow the minus sign", 1),
        ("1.", "the JSON ends too early: a digit must follow the decimal point", 2),
        (".5", "unexpected .: expected a value", 0),
        ("+1", "unexpected +: expected a value", 0),
        ("1e+", "the JSON ends too early: a digit must follow the exponent sign", 3),
        ("0x10", "unexpected x: the body must contain only one JSON value", 1),
    ])
    func `A syntax error is described with its place`(text: String, message: String, offset: Int) {
        let error = failure(of: text.utf8)
        #expect(error?.message == message)
        #expect(error?.offset == offset)
    }

    @Test(arguments: [
        #""\uD800""#, #""\uDC00""#, #""\uD800\uD800""#, #""\uD800x""#, #""\uD800\n""#, #""\uDC00\uD800""#,
        #""\uDBFF\u0041""#,
    ])
    func `Half a surrogate pair is refused`(text: String) {
        #expect(
            failure(of: text.utf8)?.message == "an incomplete surrogate pair; send both halves, or the character itself"
        )
    }

    @Test func `The place is given in lines and code points`() {
        let error = failure(of: "{\n  \"größe\": x\n}".utf8)
        #expect(error?.line == 2)
        #expect(error?.column == 12)
        #expect(error?.description == "unexpected x: expected a value (line 2, column 12)")
    }

    @Test(
        arguments: [
            [0xFF], [0x80], [0xC0, 0x80], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE],
        ] as [[UInt8]]
    )
    func `Bytes that are not UTF-8 are refused wherever they stand`(broken: [UInt8]) {
        for document in [#"{"key":"text","k":[1,true]}"#, #"{"k\n":"t\u0041"}"#].map({ Array($0.utf8) }) {
            for position in 0...document.count {
                let bytes = document[..<position] + broken + document[position...]
                #expect(failure(of: bytes) != nil, "at \(position)")
            }
        }
        let text = #"["größe\n"#.utf8 + broken + #"x"]"#.utf8
        #expect(failure(of: text)?.message == "not UTF-8; encode the body as UTF-8")
        #expect(failure(of: text)?.offset == 11)
    }

    @Test func `A truncated document is an error`() throws {
        let document = Array(#" {"a\n":[1.5e3,-2,"ü\uD83D\uDE00",true,false,null,{}],"b":{"c":""}}"#.utf8)
        _ = try JSONReader.parse(document)
        for length in 0..<document.count { #expect(failure(of: document.prefix(length)) != nil, "\(length)") }
    }

    @Test func `The nesting limit is exact`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        _ = try JSONReader.parse(nested(32))
        #expect(failure(of: nested(33))?.message == "nested deeper than 32 levels; reduce the nesting")
        #expect(throws: JSONSyntaxError.self) { try JSONReader.parse(nested(3), depthLimit: 2) }
        #expect(throws: JSONSyntaxError.self) { try JSONReader.parse(nested(100_000), depthLimit: .max) }
        _ = try JSONReader.parse(nested(256), depthLimit: .max)
    }

    @Test(arguments: ["[", "{\"a\":", "[{\"a\":", "\"\\\\", "{", "-", "1", "\\", "\u{301}\u{323}"])
    func `A megabyte of one repeated unit causes no crash`(unit: String) {
        let bytes = Array(String(repeating: unit, count: 1_048_576 / unit.utf8.count).utf8)
        _ = try? JSONReader.parse(bytes)
        _ = try? JSONReader.parse("\"".utf8 + bytes + "\"".utf8)
        _ = try? JSONReader.parse("{\"".utf8 + bytes + "\":1,\"".utf8 + bytes + "\":2}".utf8)
    }

    @Test func `A string of a megabyte is read`() throws {
        let text = String(repeating: "x€", count: 262_144)
        #expect(try JSONReader.parse("\"\(text)\"".utf8) == .string(text))
    }

    @Test func `Random changes to a document never crash, and what is read can be written and read again`() throws {
        var random = SeededGenerator(seed: 8259)
        let sample = Array(#"{"name":"app","n":[-1.5e+3,0],"v":{"ü\n\u00e9":"\uD83D\uDE00"},"t":[true,null]}"#.utf8)
        let spice = Array("{}[]\",:\\u0dD8eE+-.tfn \n\0".utf8) + [0x80, 0xC3, 0xED, 0xF0, 0xFF]
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = sample
            for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&bytes, with: spice, using: &random) }
            guard let value = try? JSONReader.parse(bytes) else { continue }
            accepted += 1
            #expect(try JSONReader.parse(value.encoded()) == value)
        }
        #expect(accepted > 100)
    }

    private func mutate(_ bytes: inout [UInt8], with spice: [UInt8], using random: inout SeededGenerator) {
        guard let position = bytes.indices.randomElement(using: &random) else { return }
        let byte = spice.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[position] = byte
        case 1: bytes.insert(byte, at: position)
        case 2: bytes.remove(at: position)
        default: bytes.append(contentsOf: bytes[position...].prefix(8))
        }
    }

    private func failure(of bytes: some Collection<UInt8>) -> JSONSyntaxError? {
        do throws(JSONSyntaxError) {
            _ = try JSONReader.parse(bytes)
            return nil
        } catch {
            return error
        }
    }
}
