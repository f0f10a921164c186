import Synchronization

/// Wakes a waiting task.
///
/// If it is sent while no task waits, the next wait returns at once; several sends count once.
final class Wakeup: Sendable {
    private enum State {
        case idle
        case sent
        case awaited(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.idle)

    func send() {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard case .awaited(let continuation) = state else {
                state = .sent
                return nil
            }
            state = .idle
            return continuation
        }
        waiting?.resume()
    }

    /// Returns when it was sent, or when the task is cancelled.
    ///
    /// Only one task may wait at a time.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isSent = state.withLock { state in
                    if case .sent = state {
                        state = .idle
                        return true
                    }
                    state = .awaited(continuation)
                    return false
                }
                if isSent { continuation.resume() }
            }
        } onCancel: {
            // Also works if the wait has not begun yet: it then finds the wakeup sent.
            send()
        }
    }

    /// Like ``wait()``, but no longer than `limit`.
    func wait(atMost limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
