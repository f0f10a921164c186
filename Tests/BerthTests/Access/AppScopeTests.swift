import TestSupport
import Testing

@testable import Berth

@Suite struct AppScopeTests {
    private var generator = SeededGenerator(seed: 15)

    /// The same as `matchesWildcards`, in its definition.
    private static func matches(_ text: Substring, _ pattern: Substring) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == "*" {
            return matches(text, pattern.dropFirst()) || !text.isEmpty && matches(text.dropFirst(), pattern)
        }
        return text.first == first && matches(text.dropFirst(), pattern.dropFirst())
    }

    private mutating func random(_ letters: String, _ count: ClosedRange<Int>) -> String {
        String(
            (0..<Int.random(in: count, using: &generator)).compactMap { _ in letters.randomElement(using: &generator) }
        )
    }

    private mutating func randomPattern() throws -> AppPattern { try AppPattern(random("ab-**", 1...6)) }

    @Test mutating func `Patterns match as defined`() throws {
        for _ in 0..<20_000 {
            let (pattern, text) = (try randomPattern(), random("ab-", 0...7))
            #expect(pattern.matches(text) == Self.matches(text[...], pattern.description[...]), "\(text) \(pattern)")
        }
    }

    @Test func `A pattern of many stars takes no long time`() throws {
        let pattern = try AppPattern(String(repeating: "*a", count: 31) + "b")
        let took = ContinuousClock().measure { #expect(!pattern.matches(String(repeating: "a", count: 40))) }
        #expect(took < .seconds(1))
    }

    @Test(arguments: ["", "Web", "web_*", "web?", "a b", "%", "[a]", "é*", String(repeating: "a", count: 65)])
    func `What is no pattern is refused`(_ text: String) {
        #expect(throws: InvalidValue.self) { try AppPattern(text) }
    }

    @Test func `A scope has the apps of each pattern, and runs by their app`() throws {
        let scope = AppScope(try [AppPattern("web-*"), AppPattern("job")])
        for (name, isIncluded) in [
            ("web-1", true), ("job", true), ("web", false), ("job-1", false), ("my-web-1", false),
        ] {
            #expect(scope.contains(try AppName(name)) == isIncluded, "\(name)")
            #expect(scope.contains(try #require(RunName("\(name)-aaaaaa"))) == isIncluded, "\(name)")
        }
        let web = try AppName("web")
        #expect(!AppScope.nothing.contains(web) && AppScope.everything.contains(web))
        #expect(AppScope([try AppPattern("*")]).isEverything)
        #expect(!AppScope([try AppPattern("**")]).isEverything, "which makes no difference to what it contains")
    }

    @Test(arguments: StoreKind.available)
    mutating func `A store selects the same apps, in pages as well`(kind: StoreKind) async throws {
        let names = Set((0..<60).map { _ in random("ab-", 1...6) }).compactMap { try? AppName($0) }.sorted()
        let scopes = try (0..<40).map { _ in
            AppScope(try (0..<Int.random(in: 0...3, using: &generator)).map { _ in try randomPattern() })
        }
        try await kind.withStore { store in
            for name in names { _ = try await store.createApp(name, .example(), at: .noon) }
            for scope in scopes + [.everything] {
                let expected = names.filter(scope.contains)
                #expect(try await store.apps(in: scope).map(\.name) == expected, "\(scope)")
                var paged: [AppName] = []
                while true {
                    let page = try await store.apps(in: scope, after: paged.last?.description ?? "", limit: 3)
                    paged += page.map(\.name)
                    guard page.count == 3 else { break }
                }
                #expect(paged == expected, "\(scope)")
            }
        }
    }
}
