import Testing

@testable import Berth

@Suite struct AppNameTests {
    @Test(arguments: [
        "a", "0", "web", "web-1", "a--b", "9lives", "runs", "container", "run-containers",
        String(repeating: "a", count: 40),
    ])
    func `An app name of allowed letters is kept unchanged`(_ text: String) throws {
        #expect(try AppName(text).description == text)
        #expect(try HostName(text).description == text)
    }

    @Test(arguments: [
        "", "-", "-web", "web-", "Web", "WEB", "we b", " web", "web ", "web\n", "\nweb", "we\0b", "\0", ".", "..",
        "../etc", "a/b", "a_b", "a.b", "über", "ａ", "e\u{301}", "web\u{200B}", "🚢", "%2e", "a=b", "--privileged",
        String(repeating: "a", count: 41), String(repeating: "a", count: 64), String(repeating: "0", count: 64),
        String(repeating: "a", count: 100_000),
    ])
    func `Any other text is refused as an app name`(_ text: String) {
        #expect(throws: InvalidValue.self) { try AppName(text) }
        #expect(throws: InvalidValue.self) { try HostName(text) }
    }

    @Test(
        arguments: [
            ("My_App", "my-app"), (" web ", "web"), ("a.b/c", "a-b-c"), ("über", "ber"),
            ("--Privileged--", "privileged"),
            (String(repeating: "A", count: 50), String(repeating: "a", count: 40)), ("", nil), ("🚢", nil), ("_", nil),
        ] as [(String, String?)]
    )
    func `A refused name comes with a similar valid suggestion`(_ text: String, _ suggested: String?) {
        let error = #expect(throws: InvalidValue.self) { try AppName(text) }
        let hint = suggested.map { "; try \"\($0)\"" } ?? ""
        #expect(error?.message == "must be 1 to 40 of a-z, 0-9 and -, and neither begin nor end with -\(hint)")
    }

    @Test(arguments: ["run", "containers"])
    func `Path words are allowed as host names but not as app names`(_ text: String) throws {
        let error = #expect(throws: InvalidValue.self) { try AppName(text) }
        #expect(error?.message == "\"\(text)\" is reserved; choose another name")
        #expect(try HostName(text).description == text)
    }

    @Test func `Names sort by their letters`() throws {
        let names = try ["b", "a-1", "a", "0"].map { text in try AppName(text) }
        #expect(names.sorted().map(\.description) == ["0", "a", "a-1", "b"])
    }

    @Test func `A run's name is its app's name and six letters that are valid in a container name`() throws {
        for _ in 0..<200 {
            let name = RunName.random(for: try AppName("my-app")).description
            #expect(name.wholeMatch(of: /my-app-[a-z2-7]{6}/) != nil)
        }
    }

    @Test func `Run ids have 26 letters and do not repeat`() {
        let ids = (0..<1000).map { _ in RunID.random().description }
        #expect(Set(ids).count == 1000)
        #expect(ids.allSatisfy { $0.wholeMatch(of: /[a-z2-7]{26}/) != nil })
    }
}
