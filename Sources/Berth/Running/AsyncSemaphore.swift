import Synchronization

/// Lets only so many at a time do what takes much memory, as far as that holds nobody up for long.
///
/// Who has waited for its patience goes on without a turn: one that hangs must not stop the others.
final class AsyncSemaphore: Sendable {
    private struct State {
        var free: Int
        /// In the order in which they came.
        var waiting: [Wakeup] = []
    }

    private let state: Mutex<State>

    init(turns: Int) { state = Mutex(State(free: turns)) }

    func pass<Result: Sendable>(
        patience: Duration,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        let hasTurn = await take(patience)
        defer { if hasTurn { giveBack() } }
        return try await body()
    }

    private func take(_ patience: Duration) async -> Bool {
        let signal = Wakeup()
        let hasTurn = state.withLock { state in
            guard state.free == 0 else {
                state.free -= 1
                return true
            }
            state.waiting.append(signal)
            return false
        }
        guard !hasTurn else { return true }
        await signal.wait(atMost: patience)
        // Whoever was given a turn does not wait any more, also if it came at the last moment.
        return state.withLock { state in
            guard let place = state.waiting.firstIndex(where: { $0 === signal }) else { return true }
            state.waiting.remove(at: place)
            return false
        }
    }

    private func giveBack() {
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
