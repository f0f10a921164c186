import CoreMetrics
import Synchronization

/// One series of a metric: a set of labels and its value.
protocol MetricSeries: AnyObject, Sendable {
    func write(to text: inout MetricsText, _ definition: MetricDefinition, labels: String)
}

final class CounterSeries: MetricSeries, CounterHandler {
    private let count = Atomic<Int64>(0)

    func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }

    func reset() { count.store(0, ordering: .relaxed) }

    func write(to text: inout MetricsText, _ definition: MetricDefinition, labels: String) {
        text.sample(definition.name, labels, "\(count.load(ordering: .relaxed))")
    }
}

final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ new: Int64) { set(Double(new)) }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ new: Int64) { set(Double(new)) }
    func record(_ new: Double) { set(new) }

    func write(to text: inout MetricsText, _ definition: MetricDefinition, labels: String) {
        text.sample(definition.name, labels, "\(value.withLock { $0 })")
    }
}

/// A histogram of values.
///
/// Durations are recorded in nanoseconds and printed in seconds.
final class HistogramSeries: MetricSeries, TimerHandler, RecorderHandler {
    private struct Counts {
        /// The count of each bucket alone, not cumulative; the last is for all larger values.
        var buckets: [Int]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let counts: Mutex<Counts>

    init(bounds: [Double]) {
        self.bounds = bounds
        counts = Mutex(Counts(buckets: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        counts.withLock { counts in
            counts.buckets[bucket] += 1
            counts.sum += value
        }
    }

    func reset() {
        counts.withLock { $0 = Counts(buckets: Array(repeating: 0, count: bounds.count + 1)) }
    }

    func write(to text: inout MetricsText, _ definition: MetricDefinition, labels: String) {
        let (buckets, sum) = counts.withLock { ($0.buckets, $0.sum) }
        let name = definition.name
        let others = labels.isEmpty ? "" : labels + ","
        var count = 0
        for (bound, bucket) in zip(bounds.map { "\($0)" } + ["+Inf"], buckets) {
            count += bucket
            text.sample(name + "_bucket", #"\#(others)le="\#(bound)""#, "\(count)")
        }
        text.sample(name + "_sum", labels, "\(sum)")
        text.sample(name + "_count", labels, "\(count)")
    }
}
