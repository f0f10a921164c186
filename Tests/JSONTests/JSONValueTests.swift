import JSON
import Testing

@Suite struct JSONValueTests {
    @Test(
        arguments: [
            (nil, "null"),
            (true, "true"),
            (-7, "-7"),
            ("", #""""#),
            ("\"\\/", #""\"\\/""#),
            ("\0\u{8}\t\n\u{B}\u{C}\r\u{1F}\u{7F}", "\"\\u0000\\u0008\\t\\n\\u000b\\u000c\\r\\u001f\u{7F}\""),
            ("é€😀\u{2028}", "\"é€😀\u{2028}\""),
            ([], "[]"),
            ([1, [nil], "x"], #"[1,[null],"x"]"#),
            ([:], "{}"),
            (["b": 1, "a": ["\n": false]], #"{"b":1,"a":{"\n":false}}"#),
        ] as [(JSONValue, String)]
    )
    func `A value is written in its compact form`(value: JSONValue, text: String) {
        #expect(value.text == text)
        #expect(value.encoded() == Array(text.utf8))
    }

    @Test func `Every control character survives writing and reading`() throws {
        for code in 0..<0x20 as Range<UInt8> {
            let value = JSONValue.string("a\(Unicode.Scalar(code))b")
            #expect(try JSONReader.parse(value.encoded()) == value)
        }
    }

    @Test func `An object keeps its order, looks names up and replaces a member where it stands`() {
        var object = JSONObject()
        for index in 0..<100 { object.set("key\(index)", to: .number(JSONNumber(index))) }
        object.set("key3", to: "new")
        #expect(object.members.map(\.name) == (0..<100).map { "key\($0)" })
        #expect(object["key3"] == "new")
        #expect(object["key99"] == 99)
        #expect(object["key100"] == nil)
    }

    @Test func `Names and strings that only look the same are different`() {
        let composed: JSONValue = ["\u{E9}": 1]
        let decomposed: JSONValue = ["e\u{301}": 1]
        #expect(composed != decomposed)
        #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
    }

    @Test(arguments: [
        ("0", 0), ("-0", 0), ("0.000", 0), ("0e999999999999999999999", 0), ("1.0", 1), ("1e2", 100), ("1E+2", 100),
        ("-12.50e1", -125), ("1200e-2", 12), ("0.00001e5", 1), ("10000000000000000000000e-21", 10),
        ("9223372036854775807", .max), ("-9223372036854775808", .min), ("922337203685477580.7e1", .max),
    ])
    func `A number that is exactly an integer is read as one`(literal: String, integer: Int) throws {
        #expect(try number(literal).integer == integer)
    }

    @Test(arguments: [
        "0.5", "1e-1", "1.5e0", "9223372036854775808", "-9223372036854775809", "1e19", "1e999999999999999999999",
        "1e-999999999999999999999", "12345678901234567890123",
    ])
    func `A number that is not an integer, or too large for one, is not read as one`(literal: String) throws {
        #expect(try number(literal).integer == nil)
    }

    @Test func `Numbers of a megabyte are read in bounded time`() throws {
        let digits = String(repeating: "9", count: 1_000_000)
        #expect(try number(digits).integer == nil)
        #expect(try number(digits).double == nil)
        #expect(try number("1" + String(repeating: "0", count: 1_000_000) + "e-1000000").integer == 1)
        #expect(try number("0." + digits).double == 1)
    }

    @Test func `Doubles are numbers only when finite`() {
        #expect(JSONNumber(Double.nan) == nil)
        #expect(JSONNumber(-Double.infinity) == nil)
        #expect(JSONNumber(1e300)?.double == 1e300)
        #expect(JSONNumber(0.1)?.literal == "0.1")
    }

    private func number(_ literal: String) throws -> JSONNumber {
        let value = try JSONReader.parse(literal.utf8)
        guard case .number(let number) = value else {
            Issue.record("\(literal) is no number")
            return JSONNumber(0)
        }
        return number
    }
}
