/// How long finished runs and the audit log are kept.
///
/// A pure decision without side effects. Running containers are never affected.
package struct RetentionPolicy: Sendable, Equatable {
    /// How long a container is kept after its end; its record is kept for as long again.
    package let keepFinished: Duration
    /// The maximum number of finished runs; the oldest are removed first.
    package let keepRecords: Int
    /// How long a row of the audit log is kept.
    package let keepAudit: Duration

    package init(
        keepFinished: Duration = .seconds(30 * 86_400),
        keepRecords: Int = 100_000,
        keepAudit: Duration = .seconds(365 * 86_400)
    ) {
        self.keepFinished = keepFinished
        self.keepRecords = keepRecords
        self.keepAudit = keepAudit
    }

    struct Excess: Sendable, Equatable {
        /// Runs whose containers must be removed.
        var containers: [Run] = []
        /// Runs without a container, whose records must be deleted.
        var records: [Run] = []
    }

    /// The runs that exceed the limits, oldest first.
    func excess(of runs: [Run], now: Timestamp) -> Excess {
        let finished = runs.filter { $0.state.status == .finished }.sorted { ($0.end, $0.name) < ($1.end, $1.name) }
        let surplus = max(0, finished.count - keepRecords)
        var excess = Excess()
        for (index, run) in finished.enumerated() {
            let isSurplus = index < surplus
            if run.state == .exited {
                if isSurplus || run.end < now.before(keepFinished) { excess.containers.append(run) }
            } else if isSurplus || run.end < now.before(keepFinished * 2) {
                excess.records.append(run)
            }
        }
        return excess
    }
}

extension Run {
    fileprivate var end: Timestamp { finishedAt ?? createdAt }
}
