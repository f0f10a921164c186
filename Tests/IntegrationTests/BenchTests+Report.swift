import JSON
import Testing

/// The fields that a report must contain.
extension BenchTests {
    func checkRuns(_ report: JSONValue) {
        #expect(report["host"] == "far")
        #expect(report["endpoint"].string == lab.sshEndpoint)
        #expect(report["raw_not_measured"] == .null)
        for way in ["berth", "raw"] { checkTimes(report["run"][way], count: 5, "\(way)") }
        checkRatio(report["run"]["ratio"], "run")
    }

    /// Layers are means, which add up, unlike medians; each is rounded to a thousandth.
    func checkLayers(_ report: JSONValue) {
        let names = ["store", "transport", "engine", "berth", "client"]
        let layers = report["layers"]
        for name in names { checkTimes(layers[name], count: 5, "\(name)") }
        checkTimes(layers["server_total"], count: 5, "server_total")
        let means = names.map { layers[$0]["mean_ms"].double }
        let total = layers["server_total"]["mean_ms"].double
        #expect(abs(means.dropLast().reduce(0, +) - total) <= 0.01)
        #expect(abs(means.reduce(0, +) - report["run"]["berth"]["mean_ms"].double) <= 0.01)
        #expect(abs(names.map { layers[$0]["share_percent"].double }.reduce(0, +) - 100) <= 0.1)
        #expect(means[2] > means[0], "the engine takes longer than the database")
    }

    func checkEnds(_ report: JSONValue) {
        #expect(report["ends"]["count"] == 5)
        #expect(report["ends"]["not_told"] == 0)
        checkTimes(report["ends"]["after_engine"], count: 5, "ends", least: 0)
    }

    func checkLists(_ report: JSONValue) {
        for name in ["healthz", "runs", "raw"] {
            let load = report["lists"][name]
            checkTimes(load, count: load["count"].int ?? 0, "\(name)")
            #expect(load["requests_per_second"].double > 0)
        }
        #expect(report["lists"]["runs"]["items"] == 8, "three before those that count, and five")
        #expect((report["lists"]["raw"]["items"].int ?? 0) >= 8)
        checkRatio(report["lists"]["ratio"], "lists")
        checkRatio(report["lists"]["ratio_to_healthz"], "lists")
    }

    private func checkTimes(_ times: JSONValue, count: Int, _ what: Comment, least: Double = 0.000_001) {
        #expect(times["count"].int == count, what)
        #expect(count > 0, what)
        let ordered = ["min_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms"].map { times[$0].double }
        #expect(ordered == ordered.sorted() && ordered[0] >= least, what)
        let mean = times["mean_ms"].double
        #expect(ordered[0] <= mean && mean <= ordered[4], what)
    }

    private func checkRatio(_ ratio: JSONValue, _ what: Comment) {
        let bounds = ["low", "value", "high"].map { ratio[$0].double }
        #expect(bounds == bounds.sorted() && bounds[0] > 0, what)
    }
}

extension JSONValue {
    /// The number, or a value that no test expects if there is none.
    fileprivate var double: Double { if case .number(let number) = self { number.double ?? -1 } else { -1 } }
}
