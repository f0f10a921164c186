import JSON
import Testing

@Suite struct JSONPointerTests {
    /// The members of the example in RFC 6901, section 5.
    @Test(arguments: [
        ("foo", "/foo"), ("", "/"), ("a/b", "/a~1b"), ("c%d", "/c%d"), ("e^f", "/e^f"), ("i\\j", "/i\\j"),
        ("k\"l", "/k\"l"), (" ", "/ "), ("m~n", "/m~0n"), ("~1", "/~01"), ("/~", "/~1~0"), ("é", "/é"),
    ])
    func `A name is escaped`(name: String, pointer: String) {
        #expect(JSONPointer.root.member(name).description == pointer)
    }

    @Test func `A nested place extends the pointer`() {
        #expect(JSONPointer.root.description.isEmpty)
        #expect(JSONPointer.root.member("variables").element(3).member("a/b").description == "/variables/3/a~1b")
    }

    @Test func `A name of a megabyte is shortened`() {
        let pointer = JSONPointer.root.member(String(repeating: "é", count: 524_288))
        #expect(pointer.description.unicodeScalars.count == 258)
        #expect(pointer.description.hasSuffix("é…"))
    }
}
