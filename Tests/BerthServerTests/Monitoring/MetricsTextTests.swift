import CoreMetrics
import Foundation
import Testing

@testable import BerthServer

@Suite struct MetricsTextTests {
    @Test(arguments: [
        (nil, MetricsText.Format.prometheus), ("*/*", .prometheus), ("text/plain", .prometheus),
        ("application/openmetrics-text", .openMetrics), ("application/openmetrics-text; version=1.0.0", .openMetrics),
        ("application/openmetrics-text;version=0.0.1", .prometheus),
        ("application/openmetrics-text;q=0", .prometheus),
        ("application/openmetrics-text;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.5", .prometheus),
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics
        ),
        ("text/html, application/xhtml+xml, */*;q=0.8", .prometheus), (";;q=,", .prometheus), ("", .prometheus),
    ])
    func `A client gets the format that it prefers`(_ accept: String?, _ format: MetricsText.Format) {
        #expect(MetricsText.Format(accept: accept) == format)
    }

    private static let definitions = [
        MetricDefinition(name: "a_total", kind: .counter, labels: ["x"], help: "As."),
        MetricDefinition(name: "b_seconds", kind: .histogram([0.5, 1]), labels: [], help: "Bs."),
        MetricDefinition(name: "c", kind: .gauge, labels: ["x", "y"], help: "Cs."),
    ]

    private func registry() -> MetricRegistry {
        let registry = MetricRegistry(Self.definitions)
        registry.makeCounter(label: "a_total", dimensions: [("x", "1")]).increment(by: 2)
        registry.makeCounter(label: "a_total", dimensions: [("x", "1")]).increment(by: 1)
        let timer = registry.makeTimer(label: "b_seconds", dimensions: [])
        for milliseconds in [1, 500, 501, 2000] as [Int64] { timer.recordNanoseconds(milliseconds * 1_000_000) }
        return registry
    }

    @Test func `The Prometheus format is correct`() {
        let state = MetricState(name: "c", labels: [("x", "a\"b\\c\nd"), ("y", "")], value: 1.5)
        #expect(
            registry().text(.prometheus, with: [state]) == """
                # HELP a_total As.
                # TYPE a_total counter
                a_total{x="1"} 3
                # HELP b_seconds Bs.
                # TYPE b_seconds histogram
                b_seconds_bucket{le="0.5"} 2
                b_seconds_bucket{le="1.0"} 3
                b_seconds_bucket{le="+Inf"} 4
                b_seconds_sum 3.002
                b_seconds_count 4
                # HELP c Cs.
                # TYPE c gauge
                c{x="a\\"b\\\\c\\nd",y=""} 1.5

                """
        )
    }

    @Test func `OpenMetrics names counters without their suffix, and has an end marker`() {
        let text = registry().text(.openMetrics, with: [])
        #expect(text.hasPrefix("# HELP a As.\n# TYPE a counter\na_total{x=\"1\"} 3\n"))
        #expect(text.hasSuffix("\n# EOF\n"))
    }

    @Test func `A metric without a value has its description, even after its value was removed`() {
        let registry = MetricRegistry(Self.definitions)
        let empty = registry.text(.prometheus, with: [])
        #expect(empty.split(separator: "\n").allSatisfy { $0.hasPrefix("# ") })
        #expect(empty.contains("# TYPE a_total counter\n"))
        let counter = registry.makeCounter(label: "a_total", dimensions: [("x", "1")])
        #expect(registry.text(.prometheus, with: []).contains("a_total{x=\"1\"} 0"))
        registry.destroyCounter(counter)
        #expect(registry.text(.prometheus, with: []) == empty)
    }

    @Test func `Counters count all concurrent increments`() async {
        let registry = MetricRegistry(Self.definitions)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<1000 {
                        registry.makeCounter(label: "a_total", dimensions: [("x", "1")]).increment(by: 1)
                        registry.makeTimer(label: "b_seconds", dimensions: []).recordNanoseconds(1)
                    }
                }
            }
        }
        let text = registry.text(.prometheus, with: [])
        #expect(text.contains("a_total{x=\"1\"} 4000\n"))
        #expect(text.contains("b_seconds_count 4000\n"))
    }

    @Test func `The documents describe every metric and label`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let page = try String(contentsOf: root.appending(path: "docs/metrics.md"), encoding: .utf8)
        for metric in MetricDefinition.all {
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: " ")
            let row = "| `\(metric.name)` | \(metric.kind.name) | \(labels) | \(metric.help) |"
            #expect(page.contains(row + "\n"), "docs/metrics.md lacks: \(row)")
            for label in metric.labels { #expect(page.contains("\n| `\(label)`"), "it does not bound \(label)") }
        }
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `berth_") || $0.hasPrefix("| `process_") }
        #expect(rows.count == MetricDefinition.all.count)
    }

    @Test func `Every metric has a valid Prometheus name and a description`() {
        var names: Set<String> = []
        for metric in MetricDefinition.all {
            #expect(names.insert(metric.name).inserted, "\(metric.name) is there twice")
            #expect(metric.name.wholeMatch(of: /(berth|process)_[a-z_]*[a-z]/) != nil)
            #expect(!metric.help.isEmpty && metric.help.hasSuffix(".") && !metric.help.contains("\n"))
            #expect(metric.labels.allSatisfy { $0.wholeMatch(of: /[a-z]+/) != nil && $0 != "le" })
            switch metric.kind {
            case .counter: #expect(metric.name.hasSuffix("_total"))
            case .gauge: #expect(!metric.name.hasSuffix("_total"))
            case .histogram(let bounds):
                #expect(metric.name.hasSuffix("_seconds"))
                #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count && !bounds.isEmpty)
            }
        }
    }
}
