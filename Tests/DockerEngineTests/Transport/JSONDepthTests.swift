import FoundationEssentials
import Testing

@testable import DockerEngine

@Suite struct JSONDepthTests {
    @Test("Depth is that of brackets and braces together", arguments: [1, 2, 63, 64, 65, 10_000])
    func depth(_ depth: Int) {
        let lists = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let objects = String(repeating: #"{"a":["#, count: depth / 2) + String(repeating: "]}", count: depth / 2)
        #expect(isNested(lists.utf8, deeperThan: 64) == (depth > 64))
        #expect(isNested(objects.utf8, deeperThan: 64) == (depth / 2 * 2 > 64))
        #expect(!isNested(lists.utf8, deeperThan: depth))
    }

    @Test("Brackets within strings do not count, whatever is escaped before them")
    func strings() {
        let brackets = String(repeating: "[{", count: 100)
        #expect(!isNested(#"{"a":"\#(brackets)"}"#.utf8, deeperThan: 1))
        #expect(!isNested(#"{"\"\#(brackets)":"\\\"\#(brackets)"}"#.utf8, deeperThan: 1))
        #expect(isNested(#"{"\\":\#(brackets)"#.utf8, deeperThan: 1))
        #expect(isNested(#"["\\\\","\"",\#(brackets)"#.utf8, deeperThan: 1))
    }

    @Test("Brothers are no deeper than one of them")
    func brothers() {
        #expect(!isNested(("[" + String(repeating: "[],{},", count: 1000) + "[]]").utf8, deeperThan: 2))
    }

    @Test("JSON of any depth is undecodable, not a crash", arguments: [65, 200, 511, 512, 513, 10_000, 1_000_000])
    func deepAnswer(_ depth: Int) async {
        let open = String(repeating: "[", count: depth)
        let close = String(repeating: "]", count: depth)
        for json in [open, open + close, #"{"StatusCode":0,"x":\#(open)\#(close)}"#] {
            await expectUndecodable { _ = try decoded(json, as: ContainerExit.self) }
        }
        let objects = String(repeating: #"{"a":"#, count: depth) + "0" + String(repeating: "}", count: depth)
        await expectUndecodable { _ = try decoded(#"{"StatusCode":0,"x":\#(objects)}"#, as: ContainerExit.self) }
    }

    @Test("Another encoding than UTF-8 cannot hide the depth", arguments: ["", "\u{FEFF}"], [true, false])
    func otherEncoding(byteOrderMark: String, isBigEndian: Bool) async {
        // U+2200 contains the byte of a quotation mark.
        let hidden = String(repeating: "[", count: 300) + String(repeating: "]", count: 300)
        let json = byteOrderMark + #"{"StatusCode":0,"y":"∀","x":\#(hidden)}"#
        let bytes = json.utf16.flatMap { unit in
            isBigEndian ? [UInt8(unit >> 8), UInt8(unit & 255)] : [UInt8(unit & 255), UInt8(unit >> 8)]
        }
        await expectUndecodable { _ = try decodeJSON(ContainerExit.self, from: Data(bytes)) }
    }
}
