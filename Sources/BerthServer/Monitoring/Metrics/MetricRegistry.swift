package import CoreMetrics
import JSON
import Synchronization

/// All series, by metric and labels: swift-metrics records into them, and `GET /metrics` prints them.
///
/// Accepts only the metrics of its catalog, so each has a description, and one name has one meaning.
package final class MetricRegistry: MetricsFactory {
    private let families: [String: Family]
    private let order: [String]

    private final class Family: Sendable {
        let definition: MetricDefinition
        let series = Mutex<[String: any MetricSeries]>([:])

        init(_ definition: MetricDefinition) { self.definition = definition }
    }

    init(_ catalog: [MetricDefinition] = MetricDefinition.all) {
        families = Dictionary(uniqueKeysWithValues: catalog.map { ($0.name, Family($0)) })
        order = catalog.map(\.name)
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions) { _ in CounterSeries() } ?? NOOPMetricsHandler.instance
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions) { _ in GaugeSeries() } ?? NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions) { HistogramSeries(bounds: $0) } ?? NOOPMetricsHandler.instance
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return series(label, dimensions) { _ in GaugeSeries() } ?? NOOPMetricsHandler.instance }
        return series(label, dimensions) { HistogramSeries(bounds: $0) } ?? NOOPMetricsHandler.instance
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }

    /// All metrics in the catalog's order, including those without a value, so the output lists every metric.
    ///
    /// - Parameter states: values that are not counted here but read at this moment.
    func text(_ format: MetricsText.Format, with states: [MetricState]) -> String {
        let states = Dictionary(grouping: states, by: \.name)
        var text = MetricsText(format)
        for name in order {
            guard let family = families[name] else { continue }
            let series = family.series.withLock { $0 }.sorted { $0.key < $1.key }
            let known = states[name] ?? []
            text.begin(family.definition)
            for (labels, series) in series { series.write(to: &text, family.definition, labels: labels) }
            for state in known { text.sample(name, MetricsText.labels(state.labels), "\(state.value)") }
        }
        return text.finished
    }

    /// The series with these labels, created at its first use; nil if the catalog does not have the metric.
    private func series<Series: MetricSeries>(
        _ name: String,
        _ labels: [(String, String)],
        _ make: (_ bounds: [Double]) -> Series
    ) -> Series? {
        guard let family = families[name], family.definition.labels == labels.map(\.0) else {
            assertionFailure("\(name) with \(labels.map(\.0)) is not in the catalog")
            return nil
        }
        let key = MetricsText.labels(labels)
        let series = family.series.withLock { series in
            if let present = series[key] { return present }
            let made = make(family.definition.bounds)
            series[key] = made
            return made
        }
        assert(series is Series, "\(name) is used as two kinds of metric")
        return series as? Series
    }

    private func remove(_ handler: AnyObject) {
        for family in families.values {
            family.series.withLock { series in
                guard let key = series.first(where: { $0.value === handler })?.key else { return }
                series[key] = nil
            }
        }
    }
}

/// The value of one series at this moment, read rather than counted.
struct MetricState: Sendable {
    let name: String
    var labels: [(String, String)] = []
    let value: Double
}

extension MetricDefinition {
    fileprivate var bounds: [Double] { if case .histogram(let bounds) = kind { bounds } else { [] } }
}
