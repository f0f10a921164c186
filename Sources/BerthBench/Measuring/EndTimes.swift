import Synchronization

/// When the engine and the server reported the ends of containers, by this program's clock.
final class EndTimes: Sendable {
    enum Witness: Sendable {
        case engine
        case server
    }

    private struct Reports {
        var byEngine: ContinuousClock.Instant?
        var byServer: ContinuousClock.Instant?
    }

    private let reports = Mutex<[String: Reports]>([:])

    /// Records the first report; later ones are ignored.
    func record(_ container: String, by witness: Witness, at time: ContinuousClock.Instant = .now) {
        reports.withLock { reports in
            switch witness {
            case .engine: reports[container, default: Reports()].byEngine = reports[container]?.byEngine ?? time
            case .server: reports[container, default: Reports()].byServer = reports[container]?.byServer ?? time
            }
        }
    }

    /// Waits until both have reported the container's end, for `limit` at most.
    func end(of container: String, within limit: Duration) async throws -> End {
        let deadline = ContinuousClock.now + limit
        while true {
            let found = reports.withLock { $0[container] ?? Reports() }
            if let byEngine = found.byEngine, let byServer = found.byServer {
                return .reported(after: max(.zero, byServer - byEngine))
            }
            // The times were recorded when the reports arrived, so the interval of this loop does not affect them.
            guard ContinuousClock.now < deadline else { return found.byEngine == nil ? .notSeen : .notReported }
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
