/// Metrics in the text formats of Prometheus.
///
/// Sources: Prometheus's text format 0.0.4, and OpenMetrics 1.0.
struct MetricsText {
    enum Format {
        case prometheus
        case openMetrics

        /// By the header `Accept`: OpenMetrics if the client prefers it, or rates it equally.
        init(accept: String?) {
            let ranges = (accept ?? "").split(separator: ",").map(MediaRange.init)
            let openMetrics = ranges.filter { $0.type == "application/openmetrics-text" && $0.version != "0.0.1" }
            let others = ranges.filter { ["text/plain", "text/*", "*/*"].contains($0.type) }
            let wanted = openMetrics.map(\.quality).max() ?? 0
            self = wanted > 0 && wanted >= others.map(\.quality).max() ?? 0 ? .openMetrics : .prometheus
        }

        var mediaType: String {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

    private let format: Format
    private var text = ""

    init(_ format: Format) { self.format = format }

    /// Writes the description of the samples that follow.
    mutating func begin(_ definition: MetricDefinition) {
        var name = definition.name
        // OpenMetrics names a counter without the suffix of its sample.
        if format == .openMetrics, case .counter = definition.kind, name.hasSuffix("_total") { name.removeLast(6) }
        text += "# HELP \(name) \(definition.help)\n# TYPE \(name) \(definition.kind.name)\n"
    }

    /// - Parameter labels: the result of ``labels(_:)``.
    mutating func sample(_ name: String, _ labels: String, _ value: String) {
        text += name
        if !labels.isEmpty { text += "{\(labels)}" }
        text += " \(value)\n"
    }

    var finished: String {
        switch format {
        case .prometheus: text
        case .openMetrics: text + "# EOF\n"
        }
    }

    /// Labels without their braces.
    static func labels(_ labels: [(String, String)]) -> String {
        labels.map { #"\#($0)="\#(escaped($1))""# }.joined(separator: ",")
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += #"\\"#
            case "\"": text += #"\""#
            case "\n": text += #"\n"#
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

/// A media range in the header `Accept`.
///
/// Source: RFC 9110, section 12.5.1.
private struct MediaRange {
    let type: String
    var version: String?
    var quality = 1.0

    init(_ text: some StringProtocol) {
        let parts = text.split(separator: ";").map { String($0.filter { $0 != " " && $0 != "\t" }).lowercased() }
        type = parts.first ?? ""
        for part in parts.dropFirst() {
            if part.hasPrefix("q=") { quality = Double(part.dropFirst(2)) ?? 0 }
            if part.hasPrefix("version=") { version = String(part.dropFirst(8)) }
        }
    }
}
