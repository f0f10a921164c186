/// The definition of one Prometheus metric, without its values.
struct MetricDefinition: Sendable {
    enum Kind: Sendable {
        case counter
        case gauge
        /// With the upper bounds of its buckets, in the metric's unit, except the last, which is infinity.
        case histogram([Double])

        var name: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// Includes the unit, and `_total` for counters.
    let name: String
    let kind: Kind
    /// In the order of their values.
    ///
    /// `docs/metrics.md` says what limits the number of values of each.
    let labels: [String]
    /// A description in one line.
    let help: String
}
