import Testing

@testable import Berth

@Suite struct AppSettingsTests {
    @Test(arguments: ["", "A=B", "=", "A\0", "\0"])
    func `A text that cannot name an environment variable is refused`(_ name: String) {
        #expect(throws: InvalidValue.self) { try Variable(name: name, value: "1") }
    }

    @Test(arguments: ["A", "a.b", "1", " ", "ä", "A B", "-x"])
    func `Any other text is a valid variable name`(_ name: String) throws {
        #expect(try Variable(name: name, value: "").name == name)
    }

    @Test func `A value may contain any character except NUL`() throws {
        #expect(try Variable(name: "A", value: "=\n\t\"' $x 🚢").value == "=\n\t\"' $x 🚢")
        #expect(throws: InvalidValue.self) { try Variable(name: "A", value: "a\0b") }
    }

    @Test func `Variables keep their order`() throws {
        let variables = try Variables([Variable(name: "B", value: "1"), Variable(name: "A", value: "x=y")])
        #expect(variables.environment == ["B=1", "A=x=y"])
    }

    @Test func `A duplicate name is refused and leaves the existing variable unchanged`() throws {
        var variables = try Variables([Variable(name: "A", value: "1")])
        let error = #expect(throws: InvalidValue.self) { try variables.append(Variable(name: "A", value: "2")) }
        #expect(error?.message == "the variable \"A\" is given twice")
        #expect(variables.environment == ["A=1"])
        try variables.append(Variable(name: "a", value: "2"))
        #expect(variables.environment == ["A=1", "a=2"])
    }

    @Test func `There are at most 1000 variables`() throws {
        var variables = try Variables((0..<1000).map { number in try Variable(name: "V\(number)", value: "") })
        #expect(throws: InvalidValue.self) { try variables.append(Variable(name: "one-more", value: "")) }
    }

    @Test func `A command has 1 to 1000 words, none with NUL`() throws {
        #expect(throws: InvalidValue.self) { try Command(words: []) }
        #expect(throws: InvalidValue.self) { try Command(words: ["a", "b\0"]) }
        #expect(throws: InvalidValue.self) { try Command(words: Array(repeating: "a", count: 1001)) }
        #expect(try Command(words: [""]).words == [""])
        #expect(try Command(words: Array(repeating: "a", count: 1000)).words.count == 1000)
    }

    @Test(arguments: RunState.allCases)
    func `A run counts as running until it has ended`(_ state: RunState) {
        let finished: Set<RunState> = [.exited, .failed, .lost, .removed]
        #expect(state.status == (finished.contains(state) ? .finished : .running))
    }
}
