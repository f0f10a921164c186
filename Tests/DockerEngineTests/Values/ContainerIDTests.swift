import FoundationEssentials
import Testing

@testable import DockerEngine

@Suite struct ContainerIDTests {
    @Test("Sixty-four lower-case hexadecimal digits are an id")
    func valid() throws {
        let id = try #require(ContainerID(Sample.id))
        #expect(id.description == Sample.id)
        #expect(String(decoding: try JSONEncoder().encode([id]), as: UTF8.self) == #"["\#(Sample.id)"]"#)
        #expect(try decoded(#"["\#(Sample.id)"]"#, as: [ContainerID].self) == [id])
    }

    private static let others: [String] = [
        "", "web", "0123456789ab", String(Sample.id.dropLast()), Sample.id + "0", Sample.id.uppercased(),
        Sample.id + "\n",
        " " + Sample.id.dropFirst(), "/" + Sample.id.dropFirst(), "g" + Sample.id.dropFirst(),
        "..%2F" + Sample.id.dropFirst(5), "x/../" + Sample.id.dropFirst(5), "é" + Sample.id.dropFirst(2),
        "０" + Sample.id.dropFirst(3), "\u{0}" + Sample.id.dropFirst(), "sha256:" + Sample.id,
    ]

    @Test("Nothing else is, not even a short id or a name", arguments: others)
    func invalid(_ text: String) {
        #expect(ContainerID(text) == nil)
    }

    @Test("An answer with a short id or a name for an id is undecodable", arguments: others)
    func invalidInAnswer(_ text: String) async throws {
        let json = String(decoding: try JSONEncoder().encode(["Id": text]), as: UTF8.self)
        await expectUndecodable { _ = try decoded(json, as: CreatedContainer.self) }
    }
}
