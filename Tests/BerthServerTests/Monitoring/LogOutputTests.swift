import JSON
import Logging
import Testing

@testable import BerthServer

@Suite struct LogOutputTests {
    private func line(_ format: LogFormat, _ message: String, _ metadata: [String: String] = [:]) -> String {
        var output = LogOutput(label: "berth", format: format, logLevel: .info)
        output[metadataKey: "berth.host"] = "web"
        return output.line(
            for: LogEvent(
                level: .warning,
                message: "\(message)",
                error: nil,
                metadata: metadata.mapValues { .string($0) },
                source: "test",
                file: "",
                function: "",
                line: 0
            )
        )
    }

    private static let hostile = [
        "a\nb", "a\r\nb", "\u{0}", "\u{1B}[2J\u{1B}]0;x\u{7}", "\u{7F}", "\u{85}", "\u{9B}31m", "\t", "\"\\", "\u{301}",
        String((0..<0xA0 as Range<UInt8>).map { Character(Unicode.Scalar($0)) }),
    ]

    @Test(arguments: LogFormat.allCases, hostile)
    func `A line has no control characters, whatever was logged`(_ format: LogFormat, _ text: String) {
        let line = line(format, text, ["url.path": text])
        #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test(arguments: hostile)
    func `A logged text can be read back from a JSON line`(_ text: String) throws {
        guard case .object(let object) = try JSONReader.parse(Array(line(.json, text, ["url.path": text]).utf8)) else {
            Issue.record("it is no object")
            return
        }
        #expect(object["message"] == .string(text))
        #expect(object["url.path"] == .string(text))
        #expect(object["log.level"] == "warning")
        #expect(object["log.logger"] == "berth")
        #expect(object["berth.host"] == "web")
    }

    @Test func `A text line begins with the time and the level`() {
        let line = line(.text, "Answered.", ["b": "2", "a": "x y"])
        #expect(line.wholeMatch(of: /\d{4}-.*Z warning Answered\. a="x y" b="2" berth\.host="web"/) != nil, "\(line)")
    }

    @Test func `Durations are in milliseconds in text lines, and in nanoseconds in JSON`() {
        let output = LogOutput(label: "berth", format: .text, logLevel: .info)
        let event = LogEvent(
            level: .info,
            message: "Answered.",
            error: nil,
            metadata: ["event.duration": .number(Int64(7_276_801)), "event.dataset": "berth.access"],
            source: "test",
            file: "",
            function: "",
            line: 0
        )
        #expect(output.line(for: event).hasSuffix(#" Answered. event.duration="7.276 ms""#))
        let json = LogOutput(label: "berth", format: .json, logLevel: .info).line(for: event)
        #expect(json.contains(#""event.duration":7276801"#) && json.contains(#""event.dataset":"berth.access""#))
    }

    @Test func `A library's metadata is not a field of the schema`() {
        #expect(line(.json, "x", ["hb.request.id": "7"]).contains(#""labels.hb_request_id":"7""#))
    }

    @Test func `An event's metadata overrides the logger's`() {
        #expect(line(.text, "x", ["berth.host": "db"]).hasSuffix(" berth.host=\"db\""))
    }
}
