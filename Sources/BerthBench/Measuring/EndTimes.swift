import Synchronization

/// When the engine and the server reported the ends of containers, by this program's clock.
final class EndTimes: Sendable {
    enum Witness: Sendable {
        case engine
        case server
    }

    private let reports = Mutex<[String: [Witness: ContinuousClock.Instant]]>([:])

    /// Records the first report; later ones are ignored.
    func record(_ container: String, by witness: Witness, at time: ContinuousClock.Instant = .now) {
        reports.withLock { reports in
            guard reports[container]?[witness] == nil else { return }
            reports[container, default: [:]][witness] = time
        }
    }

    /// Waits until both have reported the container's end, for `limit` at most.
    func end(of container: String, within limit: Duration) async throws -> End {
        let deadline = ContinuousClock.now + limit
        while true {
            let found = reports.withLock { $0[container, default: [:]] }
            if let byEngine = found[.engine], let byServer = found[.server] {
                return .reported(after: max(.zero, byServer - byEngine))
            }
            // The times were recorded when the reports arrived, so the interval of this loop does not affect them.
            guard ContinuousClock.now < deadline else { return found[.engine] == nil ? .notSeen : .notReported }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// How the server reported a container's end.
enum End: Sendable, Equatable {
    /// The delay after the engine's own event; zero also if the server was first.
    case reported(after: Duration)
    /// The engine reported it, the server did not.
    case notReported
    /// The engine did not report it either.
    case notSeen
}
