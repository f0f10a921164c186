import JSON

extension BenchReport {
    /// The report for people; `docs/performance.md` explains it.
    package var text: String {
        let notice = rawNotMeasured.map { ["The engine itself was not measured: \($0)."] } ?? []
        let sections = [[header.text] + notice, [runTable], layers.map { [$0.text] } ?? [], [endTable], [lists.text]]
        return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private var runTable: String {
        var table = TextTable(["a run, until it was started"] + Quantiles.head + ["× raw"])
        table.add(["Berth"] + run.berth.cells + [run.ratio.text])
        table.add(["raw: create and start"] + run.raw.cells + [run.raw == nil ? missing : "1.00"])
        return table.text
    }

    private var endTable: String {
        var table = TextTable(["a run's end, after the engine's event"] + Quantiles.head + ["reported"])
        let reported = ends.map { "\($0.count - $0.notReported) of \($0.count)" } ?? missing
        table.add(["Berth's event"] + (ends?.after).cells + [reported])
        return table.text
    }
}

extension BenchReport.Header {
    fileprivate var text: String {
        let what = command.map { "\(image) \(ShellWords.join($0))" } ?? image
        return """
            Berth \(version) at \(server), host \(host) at \(endpoint), Docker Engine \(engineVersion)
            \(runs) runs of \(what)
            """
    }
}

extension Layers {
    fileprivate var text: String {
        var table = TextTable(["time of Berth's runs by layer"] + Quantiles.head + ["share"])
        for layer in layers {
            table.add([Self.title(of: layer.name)] + layer.times.cells + [fixed(layer.percent, 1) + " %"])
        }
        return table.text
    }

    private static func title(of name: Name) -> String {
        switch name {
        case .store: "store: the database"
        case .transport: "transport: the connection to the host"
        case .engine: "engine: Docker"
        case .berth: "Berth itself"
        case .client: "between this program and Berth"
        }
    }
}

extension Lists {
    fileprivate var text: String {
        var table = TextTable(["one request after the other", "per s"] + Quantiles.head + ["items", "× raw"])
        let ratio = raw.flatMap { Load.ratio(of: runs, to: $0) }
        table.add(["Berth: GET /healthz"] + healthz.cells + ["", ""])
        table.add(["Berth: GET \(Self.path)"] + runs.cells + [ratio.text])
        table.add(
            ["raw: GET /containers/json?all=true"] + (raw?.cells ?? missingCells) + [raw == nil ? missing : "1.00"]
        )
        return table.text
    }

    private var missingCells: [String] { [missing] + Quantiles?.none.cells + [missing] }
}

extension Load {
    /// Rate, times and items.
    fileprivate var cells: [String] {
        [fixed(median(rates), 0)] + Quantiles(times).cells(digits: 2) + [items.map { "\($0)" } ?? ""]
    }
}

/// The placeholder for a value that was not measured.
private let missing = "-"

extension Quantiles {
    fileprivate static let head = ["p50 ms", "p95 ms", "p99 ms", "max ms"]

    fileprivate var cells: [String] { Optional(self).cells(digits: 1) }
}

extension Quantiles? {
    fileprivate var cells: [String] { cells(digits: 1) }

    fileprivate func cells(digits: Int) -> [String] {
        guard let times = self else { return Quantiles.head.map { _ in missing } }
        return [times.p50, times.p95, times.p99, times.maximum].map { fixed($0.milliseconds, digits) }
    }
}

extension Ratio? {
    /// The ratio, with its 95 % confidence interval in brackets.
    fileprivate var text: String {
        guard let ratio = self else { return missing }
        let digits = ratio.value >= 10 ? 0 : 2
        return "\(fixed(ratio.value, digits)) (\(fixed(ratio.low, digits))–\(fixed(ratio.high, digits)))"
    }
}
