import Testing

@testable import DockerEngine

@Suite(.timeLimit(.minutes(1))) struct HiddenTextsTests {
    @Test(
        arguments: [
            ("no such key: hunter22", "no such key: ***"), ("hunter22hunter22", "******"), ("hunt", "hunt"),
            ("line two is second", "line two is ***"), ("cut off: hunter-with-a-lo", "cut off: ***"), ("", ""),
            ("abc", "abc"),
        ]
    )
    func `A message is shown without the secrets and their lines`(message: String, shown: String) {
        let hidden = HiddenTexts(["hunter22", "first\nsecond", "abc", "hunter-with-a-long-tail"])
        #expect(hidden.hide(in: message) == shown)
    }

    @Test func `Secrets of many short lines are searched for as well`() {
        let lines = (0..<300_000).map { "s\($0)x" }
        let hidden = HiddenTexts([lines.joined(separator: "\n")])
        #expect(hidden.hide(in: "no such line: s299999x") == "no such line: ***")
    }
}
