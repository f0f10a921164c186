import DockerEngine
import NIOCore
import Testing

@testable import Berth
@testable import BerthServer

@Suite struct LogEncoderTests {
    private let time = "2026-11-23T14:13:00.123456789Z"

    private func item(_ bytes: [UInt8], isPartial: Bool = false, stream: LogChunk.Stream = .stdout) throws -> LogItem {
        let time = try #require(LogTime(rfc3339: time))
        return .record(LogRecord(time: time, stream: stream, message: ByteBuffer(bytes: bytes), isPartial: isPartial))
    }

    private func text(
        _ items: [LogItem],
        _ format: RunLogFormat,
        hasTimes: Bool = false,
        resumed: LogPosition? = nil
    ) -> String {
        var encoder = LogEncoder(format: format, hasTimes: hasTimes, resumed: resumed)
        var buffer = ByteBuffer()
        encoder.write(items, to: &buffer)
        return String(buffer: buffer)
    }

    @Test func `Text is the output as it was, and begins each line with its time if that is wanted`() throws {
        let items = [try item(Array("a".utf8), isPartial: true), try item(Array("b".utf8)), LogItem.gap, try item([])]
        #expect(text(items, .text) == "ab\n\n")
        #expect(text(items, .text, hasTimes: true) == "\(time) ab\n\(time) \n")
    }

    @Test func `NDJSON has each message as an object, with base64 for what is not UTF-8`() throws {
        let items = [
            try item(Array("\u{1B}[31m\"é\"".utf8), stream: .stderr), try item([0xFF, 0x00], isPartial: true),
            LogItem.lagged(skipped: 7), .lagged(skipped: nil),
        ]
        let head = #"{"time":"\#(time)","stream":"#
        #expect(
            text(items, .lines) == """
                \(head)"stderr","message":"\\u001b[31m\\"é\\""}
                \(head)"stdout","message":"/wA=","partial":true,"encoding":"base64"}
                {"event":"lagged","skipped":7}
                {"event":"lagged"}

                """
        )
    }

    @Test func `An event's id is its time and its number within it, and a client resumes after it`() throws {
        let items = [try item(Array("a".utf8)), try item(Array("b".utf8)), try item(Array("c".utf8))]
        let nanoseconds = try #require(LogTime(rfc3339: time)).nanoseconds
        let all = text(items, .events)
        #expect(all.contains("id: \(nanoseconds)-0\nevent: log\ndata: {\"time\":\"\(time)\""))
        let rest = text(items, .events, resumed: LogPosition("\(nanoseconds)-1"))
        #expect(rest.contains("id: \(nanoseconds)-2\n"))
        #expect(rest.contains("\"message\":\"c\""))
        #expect(!rest.contains("\"message\":\"b\""))
    }

    private func appItem(_ message: String, of run: String, isPartial: Bool = false) throws -> AppLogItem {
        let name = try #require(RunName(run))
        let item = try item(Array(message.utf8), isPartial: isPartial)
        guard case .record(let record) = item else { return AppLogItem(item, of: name) }
        return AppLogItem(item, of: name, at: LogPosition(time: record.time))
    }

    private func text(_ items: [AppLogItem], _ format: RunLogFormat, hasTimes: Bool = false) -> String {
        var encoder = LogEncoder(format: format, hasTimes: hasTimes)
        var buffer = ByteBuffer()
        encoder.write(items, to: &buffer)
        return String(buffer: buffer)
    }

    @Test func `Each line of an app's text begins with its run, also where another run interrupts it`() throws {
        let items = [
            try appItem("a", of: "web-aaaaaa", isPartial: true), try appItem("b", of: "web-aaaaaa"),
            try appItem("c", of: "web-aaaaaa", isPartial: true), try appItem("x", of: "web-bbbbbb"),
            AppLogItem(.unavailable, of: nil), try appItem("d", of: "web-aaaaaa"),
        ]
        #expect(text(items, .text) == "web-aaaaaa ab\nweb-aaaaaa c\nweb-bbbbbb x\nweb-aaaaaa d\n")
        #expect(text([items[3]], .text, hasTimes: true) == "web-bbbbbb \(time) x\n")
    }

    @Test func `The objects of an app's output name the run, and their ids a place in its output`() throws {
        let items = [try appItem("x", of: "web-bbbbbb"), AppLogItem(.unavailable, of: RunName("web-aaaaaa"))]
        let record = #"{"run":"web-bbbbbb","time":"\#(time)","stream":"stdout","message":"x"}"#
        let notice = #"{"run":"web-aaaaaa","event":"unavailable"}"#
        #expect(text(items, .lines) == "\(record)\n\(notice)\n")
        let nanoseconds = try #require(LogTime(rfc3339: time)).nanoseconds
        let id = "\(nanoseconds)-0-web-bbbbbb"
        #expect(text(items, .events) == "id: \(id)\nevent: log\ndata: \(record)\n\nevent: log\ndata: \(notice)\n\n")
        #expect(AppLogPosition(id) == items[0].place)
        for invalid in ["", "1-0", "1-0-", "1--web-aaaaaa", "1-0-web", "-1-0-web-aaaaaa"] {
            #expect(AppLogPosition(invalid) == nil)
        }
    }

    @Test(arguments: ["", "1", "1-", "-1-0", "a-0", "1-2-3", "1--1", "99999999999999999999-0", "1-9223372036854775807"])
    func `An id that was never sent is no position`(id: String) { #expect(LogPosition(id) == nil) }

    @Test(
        arguments: [
            (nil, RunLogFormat.text), ("*/*", .text), ("text/plain", .text), ("application/x-ndjson", .lines),
            ("text/event-stream;q=1, */*", .events), ("text/html", .text),
        ] as [(String?, RunLogFormat)]
    )
    func `The form follows the header Accept`(accept: String?, format: RunLogFormat) {
        #expect(RunLogFormat(accept: accept) == format)
    }
}
