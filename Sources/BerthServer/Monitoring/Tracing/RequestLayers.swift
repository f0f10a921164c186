import Synchronization

/// How long one request has waited for each layer below HTTP: what its spans took, added up.
///
/// Spans beside each other are added up as well, so that a sum may exceed the time that has passed.
final class RequestLayers: Sendable {
    /// As the attribute `layer` of a span names them.
    enum Layer: String, Sendable {
        case store
        /// Calls of engines, on the way and over there.
        case transport
        /// What of these calls the engines are reckoned to have worked.
        case engine
    }

    private struct Times {
        var store = Duration.zero
        var transport = Duration.zero
        var engine = Duration.zero
    }

    private let times = Mutex(Times())

    func add(_ duration: Duration, to layer: Layer) {
        times.withLock { times in
            switch layer {
            case .store: times.store += duration
            case .transport: times.transport += duration
            case .engine: times.engine += duration
            }
        }
    }

    func timing(total: Duration) -> ServerTiming {
        let times = times.withLock { $0 }
        return ServerTiming(
            store: times.store,
            transport: max(.zero, times.transport - times.engine),
            engine: times.engine,
            total: total
        )
    }
}
