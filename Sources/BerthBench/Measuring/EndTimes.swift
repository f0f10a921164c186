import Synchronization

/// When the engine and the server reported the ends of containers, by this program's clock.
final class EndTimes: Sendable {
    enum Witness: Sendable {
        case engine
        case server
    }

    private struct Told {
        var byEngine: ContinuousClock.Instant?
        var byServer: ContinuousClock.Instant?
    }

    private let told = Mutex<[String: Told]>([:])

    /// Records the first report; later ones are ignored.
    func record(_ container: String, by witness: Witness, at time: ContinuousClock.Instant = .now) {
        told.withLock { told in
            switch witness {
            case .engine: told[container, default: Told()].byEngine = told[container]?.byEngine ?? time
            case .server: told[container, default: Told()].byServer = told[container]?.byServer ?? time
            }
        }
    }

    /// Waits until both have reported the container's end, for `limit` at most.
    func end(of container: String, within limit: Duration) async throws -> End {
        let deadline = ContinuousClock.now + limit
        while true {
            let found = told.withLock { $0[container] ?? Told() }
            if let byEngine = found.byEngine, let byServer = found.byServer {
                return .told(after: max(.zero, byServer - byEngine))
            }
            // The times were recorded when the reports arrived, so the interval of this loop does not affect them.
            guard ContinuousClock.now < deadline else { return found.byEngine == nil ? .notSeen : .notTold }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// How the server reported a container's end.
enum End: Sendable, Equatable {
    /// The delay after the engine's own event; zero also if the server was first.
    case told(after: Duration)
    /// The engine reported it, the server did not.
    case notTold
    /// The engine did not report it either.
    case notSeen
}
