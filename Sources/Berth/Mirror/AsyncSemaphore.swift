import Synchronization

/// Limits the number of concurrent tasks that take much memory.
///
/// A task whose timeout has passed continues without a permit: one task that hangs must not stop the others. So does a
/// task that is cancelled.
final class AsyncSemaphore: Sendable {
    private struct State {
        var free: Int
        /// Oldest first.
        var waiting: [Wakeup] = []
    }

    private let state: Mutex<State>

    init(permits: Int) { state = Mutex(State(free: permits)) }

    func withPermit<Result: Sendable>(
        timeout: Duration? = nil,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        let hasPermit = await acquire(timeout)
        defer { if hasPermit { release() } }
        return try await body()
    }

    private func acquire(_ timeout: Duration?) async -> Bool {
        let wakeup = Wakeup()
        let hasPermit = state.withLock { state in
            guard state.free == 0 else {
                state.free -= 1
                return true
            }
            state.waiting.append(wakeup)
            return false
        }
        guard !hasPermit else { return true }
        if let timeout { await wakeup.wait(atMost: timeout) } else { await wakeup.wait() }
        // A task that got a permit is no longer in the queue, even if the permit came at the last moment.
        return state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0 === wakeup }) else { return true }
            state.waiting.remove(at: index)
            return false
        }
    }

    private func release() {
        let next = state.withLock { state -> Wakeup? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.send()
    }
}
