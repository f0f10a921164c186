import DockerEngine
import JSON
import Testing

@testable import Berth
@testable import SQL

@Suite struct StoredValueTests {
    @Test(arguments: [
        "", " ", "\"", "\\", "\\\"", "'", "a\nb\r\n\tc", "\u{1}\u{1F}\u{7F}", "{\"a\":[1]}", "/", "\\u0041",
        "caf\u{E9}", "cafe\u{301}", "🚢👩‍👩‍👧‍👦", "\u{2028}\u{2029}\u{FEFF}", "\u{10FFFF}\u{FFFF}", "\u{301}", "=a=b",
        String(repeating: "x", count: 100_000), String(repeating: "🚢\n\"", count: 20_000),
    ])
    func `A value is returned byte for byte`(_ value: String) async throws {
        let store = try await Store.inMemory()
        let line = ShellWords.join(["echo", value])
        let settings = AppSettings(
            image: try ImageReference("nginx"),
            command: try Command(line: line),
            variables: try Variables([Variable(name: "A", value: value), Variable(name: "B", value: "")])
        )
        _ = try await store.createApp(AppName("web"), settings, at: .noon)
        let kept = try #require(try await store.app(AppName("web"))).settings
        #expect(kept.variables.list.map { Array($0.value.utf8) } == [Array(value.utf8), []])
        #expect(kept.command?.words.map { Array($0.utf8) } == [Array("echo".utf8), Array(value.utf8)])
        #expect(kept.command?.line.map { Array($0.utf8) } == Array(line.utf8))
    }

    @Test func `Names and their order are returned unchanged`() throws {
        let names = ["Z", "a.b", "ä", "a\u{308}x", " ", "\"", "1", "🚢"]
        let settings = try AppSettings.example(variables: names.map { ($0, "v") })
        let kept = try AppSettings(stored: settings.stored)
        #expect(kept.variables.list.map { Array($0.name.utf8) } == names.map { Array($0.utf8) })
    }

    @Test func `Settings with every field set are returned unchanged`() throws {
        let settings = try AppSettings.full()
        #expect(try AppSettings(stored: settings.stored) == settings)
    }

    @Test func `Settings without a command are returned without one`() throws {
        let kept = try AppSettings(stored: AppSettings.example(image: "a.b:5000/c@sha256:\(digest)").stored)
        #expect(kept.command == nil)
        #expect(kept.image.description == "a.b:5000/c@sha256:\(digest)")
    }

    @Test func `Equal settings are always encoded as the same text`() throws {
        let settings = try AppSettings.example(command: ["b", "a"], variables: [("B", "/1"), ("A", "2")])
        let text = #"{"image":"nginx","command":["b","a"],"variables":{"B":"/1","A":"2"},"ports":[],"volumes":[],"#
        #expect(settings.stored.hasPrefix(text))
    }

    @Test(arguments: [
        "", "{", "null", "[]", "{}", #"{"image":"NGINX"}"#, #"{"image":"nginx","image":"nginx"}"#,
        #"{"image":"nginx","variables":[["A"]]}"#, #"{"image":"nginx","variables":{"A=B":""}}"#,
        #"{"image":"nginx","variables":{"A":"1","A":"2"}}"#, #"{"image":"nginx","command":[]}"#,
        #"{"image":"nginx","restart":"sometimes"}"#, #"{"image":"nginx","ports":[{"container":0}]}"#,
        #"{"image":"nginx","volumes":[{"name":"/etc","target":"/a"}]}"#,
        #"{"image":"nginx","labels":{"berth.run":"x"}}"#,
        #"{"image":"nginx","memory_bytes":-1}"#, #"{"image":"nginx","memory":1}"#, #"{"image":"nginx","user":"\n"}"#,
    ])
    func `A text that Berth never writes is an error, not settings`(_ text: String) throws {
        do {
            _ = try AppSettings(stored: text)
            Issue.record("it was read")
        } catch SQLError.damaged {
            // The undamaged text.
        }
    }

    private let digest = String(repeating: "0", count: 64)
}
