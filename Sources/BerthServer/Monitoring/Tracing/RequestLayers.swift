import BerthAPI
import Synchronization

/// The time that one request has spent in each layer below HTTP: the sum of its spans.
///
/// Parallel spans are added up as well, so a sum may exceed the elapsed time.
final class RequestLayers: Sendable {
    /// The value of a span's attribute `layer`.
    enum Layer: String, Sendable {
        case store
        /// Calls of engines, including the connection and the engine.
        case transport
        /// The estimated part of these calls in which the engines worked.
        case engine
    }

    private let times = Mutex(LayerTimes())

    func add(_ duration: Duration, to layer: Layer) {
        times.withLock { times in
            switch layer {
            case .store: times.store += duration
            case .transport: times.transport += duration
            case .engine: times.engine += duration
            }
        }
    }

    /// The sums so far, with the time in the engines taken out of that of their calls.
    func timing(total: Duration) -> LayerTimes {
        var times = times.withLock { $0 }
        times.transport = max(.zero, times.transport - times.engine)
        times.total = total
        return times
    }
}
