import NIOCore
import Testing

@testable import DockerEngine

@Suite struct JSONLinesTests {
    private struct Item: Decodable, Equatable, Sendable {
        let name: String
    }

    private static let text = Array("{\"name\":\"a\"}\r\n\n \r\n{\"name\":\"ü\\n\"}\n{ \"name\" : \"\" }\n".utf8)
    private static let items = ["a", "ü\n", ""].map(Item.init(name:))

    @Test("Lines read the same wherever the network has cut them")
    func everyCut() throws {
        for step in 1...Self.text.count {
            var lines = JSONLines<Item>()
            #expect(try lines.decodeAll(Self.text, by: step) == Self.items, "in steps of \(step)")
        }
    }

    @Test("An answer that ends within a line is undecodable", arguments: ["{", "{\"name\":\"a\"}", " ", "x"])
    func unfinishedLine(_ end: String) async {
        await expectUndecodable {
            var lines = JSONLines<Item>()
            _ = try lines.decodeAll(Self.text + Array(end.utf8))
        }
    }

    @Test("A line that never ends is undecodable after 1 MiB")
    func endlessLine() async throws {
        var lines = JSONLines<Item>()
        let piece = ByteBuffer(repeating: UInt8(ascii: " "), count: 64 << 10)
        for _ in 0..<16 {
            lines.append(piece)
            #expect(try lines.next() == nil)
        }
        lines.append(piece)
        await expectUndecodable { _ = try lines.next() }
    }

    @Test("A line of half a megabyte in small pieces takes no quadratic time")
    func longLine() throws {
        let line = Array("{\"name\":\"\(String(repeating: "x", count: 500_000))\"}\n".utf8)
        var lines = JSONLines<Item>()
        let start = ContinuousClock.now
        #expect(try lines.decodeAll(line, by: 100).count == 1)
        #expect(.now - start < .seconds(20))
    }

    @Test(
        "A line of wrong JSON is undecodable",
        arguments: ["x", "[]", "{\"name\":1}", "null", "{}", "{\"name\":\"a\"}{}"]
    )
    func wrongLine(_ line: String) async {
        await expectUndecodable {
            var lines = JSONLines<Item>()
            _ = try lines.decodeAll(Array((line + "\n").utf8))
        }
    }
}
