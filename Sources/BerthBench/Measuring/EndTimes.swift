import Synchronization

/// When the ends of containers were told, by the engine and by the server, on this program's clock.
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

    /// The first time counts.
    func record(_ container: String, by witness: Witness, at time: ContinuousClock.Instant = .now) {
        told.withLock { told in
            switch witness {
            case .engine: told[container, default: Told()].byEngine = told[container]?.byEngine ?? time
            case .server: told[container, default: Told()].byServer = told[container]?.byServer ?? time
            }
        }
    }

    /// Waits until both have told of the container's end, for `limit` at most.
    func end(of container: String, within limit: Duration) async throws -> End {
        let deadline = ContinuousClock.now + limit
        while true {
            let found = told.withLock { $0[container] ?? Told() }
            if let byEngine = found.byEngine, let byServer = found.byServer {
                return .told(after: max(.zero, byServer - byEngine))
            }
            // When it was told was noted elsewhere, so that how often it is looked at changes nothing.
            guard ContinuousClock.now < deadline else { return found.byEngine == nil ? .notSeen : .notTold }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// How the server told of a container's end.
enum End: Sendable, Equatable {
    /// So long after the engine's own event; zero also where it was first.
    case told(after: Duration)
    /// The engine did, the server did not.
    case notTold
    /// Not even the engine did.
    case notSeen
}
