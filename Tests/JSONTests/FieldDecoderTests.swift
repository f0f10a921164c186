import JSON
import Testing

@Suite struct FieldDecoderTests {
    @Test(
        arguments: [
            ("ab", nil), ("abcd", nil), ("", "must not be empty"), ("a", "must have at least 2 characters"),
            ("abcde", "must have at most 4 characters"), (1, "must be a string, not a number"),
            (nil, "must be a string, not null"),
        ] as [(JSONValue, String?)]
    )
    func `A string has a length limit`(value: JSONValue, detail: String?) {
        #expect(firstError(of: .string(length: 2...4), value) == detail)
    }

    @Test func `Numbers are read exactly or refused`() throws {
        for literal in ["1", "1.0", "1e2", "100"] {
            #expect(firstError(of: .integer(in: 1...100), try JSONReader.parse(literal.utf8)) == nil)
        }
        for literal in ["0", "1.5", "101", "1e3", "1e99999", "-1"] {
            let detail = firstError(of: .integer(in: 1...100), try JSONReader.parse(literal.utf8))
            #expect(detail == "must be a whole number from 1 to 100")
        }
        #expect(firstError(of: .integer(), "1") == "must be a whole number, not a string")
        #expect(firstError(of: .number(in: 0...64), 65) == "must be a number from 0.0 to 64.0")
        #expect(try FieldDecoder.number(in: 0...64).read(JSONReader.parse("0.5".utf8), .root) == 0.5)
    }

    @Test func `Booleans and choices accept no other types or values`() {
        #expect(firstError(of: .boolean, false) == nil)
        #expect(firstError(of: .boolean, "true") == "must be true or false, not a string")
        #expect(firstError(of: .choice(of: ["no", "always"]), "always") == nil)
        #expect(
            firstError(of: .choice(of: ["no", "always"]), "allways")
                == "must be one of \"no\", \"always\"; did you mean \"always\"?"
        )
        #expect(firstError(of: .choice(of: ["no", "always"]), "Always") != nil)
    }

    @Test func `A list has a length limit`() {
        #expect(firstError(of: .list(of: .boolean, count: 1...2), [true]) == nil)
        #expect(firstError(of: .list(of: .boolean, count: 1...2), []) == "must have 1 to 2 elements")
        #expect(firstError(of: .list(of: .boolean), [:]) == "must be an array, not an object")
    }

    @Test func `Words can be an array or a line`() throws {
        #expect(try FieldDecoder.words.read("sleep '1 0'", .root) == ["sleep", "1 0"])
        #expect(try FieldDecoder.words.read(["sleep", "1 0"], .root) == ["sleep", "1 0"])
        #expect(firstError(of: .words, "a 'b")?.contains("not closed") == true)
        #expect(firstError(of: .words, 5) == "must be a string or an array of strings, not a number")
    }

    @Test func `A decoder can be mapped to a narrower type`() throws {
        let line = FieldDecoder.string().map(ShellWords.split) { "not a line: \($0)" }
        #expect(try line.read("a b", .root) == ["a", "b"])
        #expect(firstError(of: line, "'")?.hasPrefix("not a line: the single quote") == true)
    }

    @Test(
        arguments: [
            ([["key1": "value1"], ["key2": "value2"]], ["key1=value1", "key2=value2"]),
            (["key1": "value1", "key2": ""], ["key1=value1", "key2="]),
            ([["b": "1"], ["a": "2"], ["B": "3"]], ["b=1", "a=2", "B=3"]), ([], []), ([:], []),
            ([["a": "1", "b": "2"], ["c": "3"]], ["a=1", "b=2", "c=3"]),
            (["a": 8080, "b": "1.50"], ["a=8080", "b=1.50"]),
        ] as [(JSONValue, [String])]
    )
    func `Named strings can be an object or a list of objects, and keep their order and digits`(
        value: JSONValue,
        entries: [String]
    ) throws {
        let read = try FieldDecoder.namedStrings().read(value, .root)
        #expect(read.map { "\($0.name)=\($0.value)" } == entries)
    }

    @Test(
        arguments: [
            ([["A": "1"], ["B": "2"], ["A": "3"]], ["/v/2: the same name \"A\" appears twice, first at /v/0"]),
            (
                [["A": "1"], ["A": "1"], ["A": "1"]],
                [
                    "/v/1: the same name \"A\" appears twice, first at /v/0",
                    "/v/2: the same name \"A\" appears twice, first at /v/0",
                ]
            ),
            (
                [[:], [], "C=1"],
                (0..<3).map { "/v/\($0): must be an object of names and strings, such as {\"NAME\": \"value\"}" }
            ),
            (
                [["A": []], ["B": true, "C": nil]],
                [
                    "/v/0/A: must be a string, not an array",
                    "/v/1/B: must be a string, not a boolean; put quotes around it",
                    "/v/1/C: must be a string, not null",
                ]
            ),
            (["A/B": nil], ["/v/A~1B: must be a string, not null"]),
            (
                ["\u{E9}": "1", "e\u{301}": "2"],
                ["/v/e\u{301}: the same name \"e\u{301}\" appears twice, first at /v/\u{E9}"]
            ),
            (["": "x"], ["/v/: a variable needs a name"]),
            ([["": "x"]], ["/v/0: a variable needs a name"]),
            (.object(longName()), ["/v/\(String(repeating: "n", count: 256))…: the name must have at most 1024 bytes"]),
            ("A=1", ["/v: must be an object, or a list of objects, not a string"]),
        ] as [(JSONValue, [String])]
    )
    func `Each error in named strings has its place`(value: JSONValue, expected: [String]) {
        let decoder = FieldDecoder.namedStrings { $0.name.isEmpty ? "a variable needs a name" : nil }
        #expect(errors(of: decoder, value).map { "\($0.pointer): \($0.detail)" } == expected)
    }

    private static func longName() -> JSONObject {
        var object = JSONObject()
        object.set(String(repeating: "n", count: 1025), to: "x")
        return object
    }

    private func firstError<Value>(of decoder: FieldDecoder<Value>, _ value: JSONValue) -> String? {
        errors(of: decoder, value).first?.detail
    }

    private func errors<Value>(of decoder: FieldDecoder<Value>, _ value: JSONValue) -> [FieldError] {
        do throws(FieldErrors) {
            _ = try decoder.read(value, JSONPointer.root.member("v"))
            return []
        } catch {
            return error.errors
        }
    }
}
