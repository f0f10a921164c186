import Synchronization

/// Passes values from many tasks to one, which is slower at times: then they wait.
final class LogMailbox<Value: Sendable>: Sendable {
    private struct State {
        var values: [Value] = []
        var senders: [Wakeup] = []
    }

    private let state = Mutex(State())
    private let added = Wakeup()
    private let limit: Int

    /// - Parameter limit: how many values may wait to be taken.
    init(limit: Int) { self.limit = limit }

    /// Adds a value when there is room.
    ///
    /// - Throws: `CancellationError`.
    func put(_ value: Value) async throws {
        let room = Wakeup()
        while !tryPut(value, orSend: room) {
            await room.wait()
            try Task.checkCancellation()
        }
        added.send()
    }

    private func tryPut(_ value: Value, orSend room: Wakeup) -> Bool {
        state.withLock { state in
            guard state.values.count < limit else {
                state.senders.append(room)
                return false
            }
            state.values.append(value)
            return true
        }
    }

    /// All values that wait; none if none came in time.
    ///
    /// For one task.
    ///
    /// - Throws: `CancellationError`.
    func take(within limit: Duration) async throws -> [Value] {
        let end = ContinuousClock.now + limit
        while true {
            try Task.checkCancellation()
            let (values, senders) = state.withLock { state in
                defer { (state.values, state.senders) = ([], []) }
                return (state.values, state.senders)
            }
            for sender in senders { sender.send() }
            guard values.isEmpty else { return values }
            guard ContinuousClock.now < end else { return [] }
            await added.wait(atMost: end - .now)
        }
    }
}
