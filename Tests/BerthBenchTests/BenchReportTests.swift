import BerthAPI
import JSON
import Testing

@testable import BerthBench

@Suite struct BenchReportTests {
    @Test func `The table names each figure, with percentiles, shares and ratios`() {
        let text = Self.report().text
        #expect(text.hasPrefix("Berth 0.1.0 at http://127.0.0.1:8080, host web at ssh://web, Docker Engine 20.10.24\n"))
        #expect(text.contains("2 runs of busybox:latest sh -c 'sleep 9'\n"))
        #expect(text.contains("Berth                         105.0   109.5   109.9   110.0  1.05 (1.00–1.10)\n"))
        #expect(text.contains("raw: create and start         100.0   100.0   100.0   100.0              1.00\n"))
        #expect(text.contains("engine: Docker                           80.0    80.0    80.0    80.0  76.2 %\n"))
        #expect(text.contains("13.0    13.0    13.0    13.0    1 of 2\n"))
        #expect(
            text.contains(
                "Berth: GET /v1/runs?limit=100          50   20.00   20.00   20.00   20.00    100  1.00 (1.00–1.00)\n"
            )
        )
        #expect(!text.contains("not measured"))
    }

    @Test func `Without access to the engine, the table says so and has no engine figures`() {
        let text = Self.report(isWithEngine: false).text
        #expect(text.contains("The engine itself was not measured: ssh: Permission denied.\n"))
        #expect(text.contains("raw: create and start             -       -       -       -      -\n"))
        #expect(text.contains("Berth                         105.0   109.5   109.9   110.0      -\n"))
        #expect(!text.contains("1.00"))
    }

    @Test func `The JSON object has the unit in the name of each figure`() throws {
        let json = Self.report().json
        #expect(json.text(at: "host") == "web")
        #expect(json.member("command") == ["sh", "-c", "sleep 9"])
        #expect(json.member("raw_not_measured") == .null)
        #expect(json.member("run")?.member("berth")?.member("p50_ms") == .number(try #require(JSONNumber(105.0))))
        #expect(json.member("run")?.member("ratio")?.member("value") == .number(try #require(JSONNumber(1.05))))
        let engine = try #require(json.member("layers")?.member("engine"))
        #expect(engine.member("share_percent") == .number(try #require(JSONNumber(76.19))))
        #expect(json.member("ends")?.member("not_told") == 1)
        #expect(json.member("lists")?.member("runs")?.member("items") == 100)
        #expect(json.member("lists")?.member("runs")?.member("requests_per_second") != nil)
    }

    @Test func `A figure that was not measured is null and has a reason`() {
        let json = Self.report(isWithEngine: false).json
        #expect(json.text(at: "raw_not_measured") == "ssh: Permission denied")
        #expect(json.member("run")?.member("raw") == .null)
        #expect(json.member("run")?.member("ratio") == .null)
        #expect(json.member("ends") == .null)
        #expect(json.member("lists")?.member("raw") == .null)
    }

    private static func report(isWithEngine: Bool = true) -> BenchReport {
        let times = LayerTimes(
            store: .milliseconds(3),
            transport: .milliseconds(2),
            engine: .milliseconds(80),
            total: .milliseconds(100)
        )
        let took: [Duration] = [.milliseconds(100), .milliseconds(110)]
        var load = Load(items: 100)
        load.add(Array(repeating: .milliseconds(20), count: 50), in: .seconds(1))
        return BenchReport(
            header: header,
            run: BenchReport.Compared(
                berth: took,
                raw: isWithEngine ? [.milliseconds(100), .milliseconds(100)] : []
            ),
            layers: Layers(took.map { ($0, times) }),
            ends: isWithEngine ? BenchReport.Ends(after: [.milliseconds(13)], notReported: 1) : nil,
            lists: Lists(healthz: load, runs: load, raw: isWithEngine ? load : nil),
            rawNotMeasured: isWithEngine ? nil : "ssh: Permission denied"
        )
    }

    private static let header = BenchReport.Header(
        server: "http://127.0.0.1:8080",
        version: "0.1.0",
        host: "web",
        endpoint: "ssh://web",
        engineVersion: "20.10.24",
        image: "busybox:latest",
        command: ["sh", "-c", "sleep 9"],
        runs: 2
    )
}

extension JSONValue {
    fileprivate func member(_ name: String) -> JSONValue? {
        if case .object(let object) = self { object[name] } else { nil }
    }

    fileprivate func text(at name: String) -> String? {
        if case .string(let text) = member(name) { text } else { nil }
    }
}
