import DockerEngine
import Synchronization

/// The resource usage of each app, from samples of its containers.
///
/// Counters grow by what each container has used since its last sample, so they never decrease when containers are
/// removed. Usage after a container's last sample is not counted.
package final class AppUsage: Sendable {
    package struct Totals: Sendable, Equatable {
        package var cpuSeconds = 0.0
        package var received: UInt64 = 0
        package var sent: UInt64 = 0
        /// In bytes: the sum of the last samples of the running containers.
        package var memory: UInt64 = 0
    }

    private struct State {
        var totals: [AppName: Totals] = [:]
        var samples: [RunID: (app: AppName, usage: ContainerUsage)] = [:]
        var successes = 0
        var failures = 0
    }

    private let state = Mutex(State())
    private let beginning: Timestamp

    /// - Parameter beginning: usage of earlier runs before their first sample is not counted here; an earlier process
    ///   may have counted it.
    init(since beginning: Timestamp = .now()) { self.beginning = beginning }

    package var totals: [AppName: Totals] {
        state.withLock { state in
            var totals = state.totals
            for sample in state.samples.values { totals[sample.app]?.memory += sample.usage.memory }
            return totals
        }
    }

    /// The number of successful and of failed samples.
    package var samples: (successes: Int, failures: Int) { state.withLock { ($0.successes, $0.failures) } }

    /// Adds what the run's container has used since its last sample, or since its start.
    func add(_ usage: ContainerUsage, of run: Run) {
        state.withLock { state in
            let isOfBefore = run.createdAt < beginning
            let last = state.samples.updateValue((run.app, usage), forKey: run.id)?.usage ?? (isOfBefore ? usage : nil)
            state.totals[run.app, default: Totals()].add(usage, since: last)
            state.successes += 1
        }
    }

    func noteFailure() { state.withLock { $0.failures += 1 } }

    /// Forgets the samples of finished runs, and the totals of deleted apps.
    func keep(_ unfinished: Set<RunID>, of apps: Set<AppName>) {
        state.withLock { state in
            state.samples = state.samples.filter { unfinished.contains($0.key) }
            state.totals = state.totals.filter { apps.contains($0.key) }
        }
    }
}

extension AppUsage.Totals {
    /// - Parameter last: nil for a first sample. A larger value is from an earlier start of the same container.
    fileprivate mutating func add(_ usage: ContainerUsage, since last: ContainerUsage?) {
        func grown(_ value: KeyPath<ContainerUsage, UInt64>) -> UInt64 {
            guard let last = last?[keyPath: value], last <= usage[keyPath: value] else { return usage[keyPath: value] }
            return usage[keyPath: value] - last
        }
        cpuSeconds += Double(grown(\.cpuNanoseconds)) / 1_000_000_000
        received &+= grown(\.received)
        sent &+= grown(\.sent)
    }
}
