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
        /// A stream of a container's log. Logs leave two streams, for events and for a pull.
        case log
        /// A stream that ends with its container: of its log, or of its usage. It leaves two streams as ``log`` does, and
        /// never takes the place of a call.
        case followed
    }

    private let maximumCalls: Int
    private let maximumStreams: Int
    private let waits: Bool
    private let used = Mutex<[Purpose: Int]>([:])

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
        // Where there are hardly any streams, a log that ends soon is read like a call.
        let purpose = purpose == .log && maximumStreams <= Self.otherStreams ? .call : purpose
        let isTaken = used.withLock { used in
            guard hasRoom(for: purpose, beside: used) else { return false }
            used[purpose, default: 0] += 1
            return true
        }
        guard isTaken else { throw .busy }
        return Place(budget: self, purpose: purpose)
    }

    private static let otherStreams = 2

    private func hasRoom(for purpose: Purpose, beside used: [Purpose: Int]) -> Bool {
        let streams = used.streams
        return switch purpose {
        case .call: used[.call, default: 0] < maximumCalls
        case .stream: streams < maximumStreams
        case .log, .followed: streams < maximumStreams - Self.otherStreams
        }
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
            if let place = try? take(for: purpose) { return place }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw EngineError.busy
    }

    var inUse: (calls: Int, streams: Int) {
        used.withLock { ($0[.call, default: 0], $0.streams) }
    }

    private func giveBack(_ purpose: Purpose) { used.withLock { $0[purpose, default: 0] -= 1 } }

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

extension [ConnectionBudget.Purpose: Int] {
    fileprivate var streams: Int {
        self[.stream, default: 0] + self[.log, default: 0] + self[.followed, default: 0]
    }
}
