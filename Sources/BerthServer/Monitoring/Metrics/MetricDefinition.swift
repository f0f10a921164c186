/// One metric as Prometheus knows it: all that is to be said of it but its values.
struct MetricDefinition: Sendable {
    enum Kind: Sendable {
        case counter
        case gauge
        /// With the upper bounds of its buckets, in the metric's unit; the last, infinity, is not among them.
        case histogram([Double])

        var name: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// With its unit, and `_total` for counters.
    let name: String
    let kind: Kind
    /// In the order in which they are given.
    ///
    /// What bounds the values of each is in `docs/metrics.md`.
    let labels: [String]
    /// One line.
    let help: String
}
