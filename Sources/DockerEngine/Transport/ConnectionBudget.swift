import Synchronization

/// A limit on the connections to one engine that are open at once.
///
/// Each connection takes a file descriptor here, in ssh and in sshd; an ssh without free descriptors accepts a
/// connection and leaves it hanging. So this process refuses earlier. Streams are long, so they leave part of the limit
/// to calls.
final class ConnectionBudget: Sendable {
    enum Purpose {
        case call
        case stream
    }

    private let maximumCalls: Int
    private let maximumStreams: Int
    private let waits: Bool
    private let used = Mutex((calls: 0, streams: 0))

    init(maximumCalls: Int, maximumStreams: Int, waits: Bool = false) {
        self.waits = waits
        self.maximumCalls = maximumCalls
        self.maximumStreams = maximumStreams
    }

    /// A budget from the number of descriptors that this process, and so its ssh, may open: a share for calls, a larger
    /// one for streams.
    convenience init(descriptorLimit: Int = ResourceLimits.openFiles()) {
        let usable = max(descriptorLimit - 64, 16)
        self.init(maximumCalls: min(usable / 4, 256), maximumStreams: min(usable / 2, 1024))
    }

    /// Takes a place, which is held until the returned value is released, or throws `EngineError.busy`.
    func take(for purpose: Purpose) throws(EngineError) -> Place {
        guard let place = freePlace(for: purpose) else { throw .busy }
        return place
    }

    private func freePlace(for purpose: Purpose) -> Place? {
        let isTaken = used.withLock { used in
            switch purpose {
            case .call:
                guard used.calls < maximumCalls else { return false }
                used.calls += 1
            case .stream:
                guard used.streams < maximumStreams else { return false }
                used.streams += 1
            }
            return true
        }
        return isTaken ? Place(budget: self, purpose: purpose) : nil
    }

    /// A budget of `maximumConnections`; a request beyond it waits in ``place(for:within:)``.
    convenience init(maximumConnections: Int) {
        // Two streams where there is room: one for events, one to pull an image.
        let streams = max(maximumConnections / 2, min(maximumConnections - 1, 2))
        self.init(maximumCalls: max(maximumConnections - streams, 1), maximumStreams: max(streams, 1), waits: true)
    }

    /// As ``take(for:)``, but waits for a place where the server limits the number of connections.
    ///
    /// - Throws: `EngineError.busy` after `limit`, or `CancellationError`.
    func place(for purpose: Purpose, within limit: Duration) async throws -> Place {
        guard waits else { return try take(for: purpose) }
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if let place = freePlace(for: purpose) { return place }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw EngineError.busy
    }

    var inUse: (calls: Int, streams: Int) { used.withLock { $0 } }

    private func giveBack(_ purpose: Purpose) {
        used.withLock { used in
            switch purpose {
            case .call: used.calls -= 1
            case .stream: used.streams -= 1
            }
        }
    }

    /// A place in the budget, returned when this object is released.
    final class Place: Sendable {
        private let budget: ConnectionBudget
        private let purpose: Purpose

        fileprivate init(budget: ConnectionBudget, purpose: Purpose) {
            self.budget = budget
            self.purpose = purpose
        }

        deinit { budget.giveBack(purpose) }
    }
}
