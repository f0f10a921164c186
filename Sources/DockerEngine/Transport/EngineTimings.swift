import Synchronization

/// How long one request has waited for engines, and for the ways to them.
///
/// An engine does not say how long it worked, so the way's share is an estimate: of each call, the host's shortest recent
/// ping, but never more than the call took. It is too low where the way was slower than at its best, or where the call
/// needed a new connection; that time counts as the engine's. Neither a ping nor HTTP shows more: behind a tunnel a
/// connection is accepted at once, and opened to the engine with the first request.
///
/// Calls beside each other are added up, so that they may exceed the time that has passed.
package final class EngineTimings: Sendable {
    /// Of the request that this task carries out; calls of tasks that carry out none are nobody's.
    @TaskLocal package static var current: EngineTimings?

    private let spent = Mutex(Spent())

    private struct Spent {
        var inTransport = Duration.zero
        var inEngine = Duration.zero
    }

    package init() {}

    package var inTransport: Duration { spent.withLock { $0.inTransport } }
    package var inEngine: Duration { spent.withLock { $0.inEngine } }

    /// - Parameters:
    ///   - took: the whole call.
    ///   - roundTrip: the way there and back.
    func add(_ took: Duration, roundTrip: Duration) {
        let onTheWay = min(took, roundTrip)
        spent.withLock { spent in
            spent.inTransport += onTheWay
            spent.inEngine += took - onTheWay
        }
    }
}
