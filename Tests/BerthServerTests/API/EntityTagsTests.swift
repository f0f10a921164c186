import HTTPTypes
import Testing

@testable import BerthServer

@Suite struct EntityTagsTests {
    private func tags(_ field: String) throws -> EntityTags { try EntityTags(field, of: .ifMatch) }

    private func strong(_ texts: String...) -> EntityTags {
        .tags(texts.map { EntityTag(text: $0, isWeak: false) })
    }

    @Test func `Tags are read with their weakness, and a quoted comma separates nothing`() throws {
        #expect(try tags("*") == .any)
        #expect(try tags("\"3\"") == strong("3"))
        #expect(try tags("\"3\",\"4\"") == strong("3", "4"))
        #expect(try tags(" \"3\" ,\t, \"4\" ,") == strong("3", "4"))
        #expect(try tags("\"a,b\"") == strong("a,b"))
        #expect(try tags("\"\"") == strong(""))
        #expect(try tags("W/\"3\"") == .tags([EntityTag(text: "3", isWeak: true)]))
    }

    @Test(arguments: [
        "", " ", ",", "3", "\"3", "3\"", "'3'", "w/\"3\"", "W/3", "\"3\"\"4\"", "\"3\" \"4\"", "*,\"3\"", "\"3\",*",
        "**",
        "\"a b\"", "\"\u{7F}\"", "W/", "\"3\";",
    ])
    func `An invalid tag is refused`(_ field: String) {
        #expect(throws: Problem.self) { try tags(field) }
    }

    @Test(arguments: [("1", 1), ("42", 42), ("0", nil), ("-1", nil), ("+1", nil), ("01", nil), ("", nil), ("a", nil)])
    func `A tag names a release only in its canonical form`(_ text: String, _ release: Int?) {
        #expect(EntityTag(text: text, isWeak: false).release == release)
    }
}
