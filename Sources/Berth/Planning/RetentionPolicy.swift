/// How long what has finished is kept.
///
/// Decides and does nothing. What runs is never part of it.
package struct RetentionPolicy: Sendable, Equatable {
    /// How long after its end a container is kept; its record is kept for as long again.
    package let keepFinished: Duration
    /// How many finished runs there are at most; the oldest go first.
    package let keepRecords: Int

    package init(keepFinished: Duration = .seconds(30 * 86_400), keepRecords: Int = 100_000) {
        self.keepFinished = keepFinished
        self.keepRecords = keepRecords
    }

    struct Excess: Sendable, Equatable {
        /// Their containers are to be removed.
        var containers: [Run] = []
        /// They have no container, and their records are to be forgotten.
        var records: [Run] = []
    }

    /// What is too much of `runs`, the oldest first.
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
