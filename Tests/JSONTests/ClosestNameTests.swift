import JSON
import Testing

@Suite struct ClosestNameTests {
    private let fields = ["name", "image", "command", "variables", "memory_bytes", "cpus", "restart", "id"]

    @Test(arguments: [
        ("imgae", "image"), ("Image", "image"), ("IMAGE", "image"), ("images", "image"), ("nmae", "name"),
        ("nam", "name"), ("comand", "command"), ("commands", "command"), ("var", "variables"),
        ("memory", "memory_bytes"),
        ("varaibels", "variables"), ("cpu", "cpus"), ("restart_policy", "restart"), ("variablse", "variables"),
        ("ID", "id"),
    ])
    func `A misspelling finds the intended name`(slip: String, meant: String) {
        #expect(closest(to: slip, among: fields) == meant)
    }

    @Test(arguments: ["", "x", "id2345", "na", "entrypoint", "🙂", "naaaame", String(repeating: "n", count: 65)])
    func `A name that is similar to none finds none`(name: String) {
        #expect(closest(to: name, among: fields) == nil)
    }

    @Test func `The closest name wins, and of equally close ones the first`() {
        #expect(closest(to: "hosts", among: ["posts", "host", "hosts"]) == "hosts")
        #expect(closest(to: "hast", among: ["host", "hase"]) == "host")
        #expect(closest(to: "a", among: ["b"]) == nil)
        #expect(closest(to: "name", among: []) == nil)
    }

    @Test func `Very long names are not compared`() {
        let long = String(repeating: "a", count: 1_048_576)
        let marks = "a" + String(repeating: "\u{301}\u{323}", count: 262_144)
        #expect(closest(to: long, among: [long]) == nil)
        #expect(closest(to: marks, among: [marks]) == nil)
        #expect(closest(to: "abc", among: ["abc" + long]) == nil)
    }
}
