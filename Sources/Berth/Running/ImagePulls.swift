import DockerEngine
import Synchronization

/// Pulls images to one host: each once, however many runs and clients wait for it.
///
/// A pull is independent of the run that first requested it: it ends early only when nobody waits for it any more.
final class ImagePulls: Sendable {
    private struct Waiter {
        let continuation: CheckedContinuation<Void, any Error>
        let report: PullReport?
    }

    private struct State {
        var isServed = false
        var waiting: [ImageReference: [Int: Waiter]] = [:]
        var lastWaiter = 0
        var requested: [ImageReference] = []
        /// Sent when nobody waits for the image any more.
        var abandoned: [ImageReference: Wakeup] = [:]
    }

    private static let hostIsAway = EngineError.unreachable(
        "the host was disconnected before the image was pulled"
    )

    private let state = Mutex(State())
    private let requested = Wakeup()

    /// Returns when the image has been pulled.
    ///
    /// - Parameter report: receives the progress from now on.
    /// - Throws: `EngineError`, or `CancellationError`.
    func pull(_ image: ImageReference, report: PullReport? = nil) async throws {
        let number = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isServed = state.withLock { state in
                    guard state.isServed else { return false }
                    if state.waiting[image] == nil {
                        state.requested.append(image)
                        state.abandoned[image] = Wakeup()
                    }
                    state.waiting[image, default: [:]][number] = Waiter(continuation: continuation, report: report)
                    return true
                }
                if isServed { requested.send() } else { continuation.resume(throwing: Self.hostIsAway) }
                if Task.isCancelled { leave(image, number) }
            }
        } onCancel: {
            leave(image, number)
        }
    }

    private func leave(_ image: ImageReference, _ number: Int) {
        let (waiter, abandoned) = state.withLock { state in
            let waiter = state.waiting[image]?.removeValue(forKey: number)
            return (waiter, state.waiting[image]?.isEmpty == true ? state.abandoned[image] : nil)
        }
        abandoned?.send()
        waiter?.continuation.resume(throwing: CancellationError())
    }

    /// Performs the requested pulls until the task is cancelled; may be called again afterwards.
    ///
    /// - Parameter pull: pulls one image, and passes on its progress.
    func serve(
        _ pull: @escaping @Sendable (ImageReference, @escaping @Sendable (PullProgress) -> Void) async throws -> Void
    ) async {
        state.withLock { $0.isServed = true }
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await requested.wait()
                for (image, abandoned) in takeRequested() {
                    group.addTask {
                        await self.perform(
                            { try await pull(image) { self.record($0, of: image) } },
                            of: image,
                            unless: abandoned
                        )
                    }
                }
            }
            group.cancelAll()
        }
        let left = state.withLock { state in
            defer { state = State(lastWaiter: state.lastWaiter) }
            return state.waiting.values.flatMap(\.values)
        }
        for waiter in left { waiter.continuation.resume(throwing: Self.hostIsAway) }
    }

    private func record(_ progress: PullProgress, of image: ImageReference) {
        let reports = state.withLock { $0.waiting[image]?.values.compactMap(\.report) ?? [] }
        for report in reports { report.record(progress) }
    }

    private func takeRequested() -> [(image: ImageReference, abandoned: Wakeup)] {
        state.withLock { state in
            defer { state.requested = [] }
            return state.requested.compactMap { image in state.abandoned[image].map { (image, $0) } }
        }
    }

    /// Performs the pull of an image, and cancels it when `abandoned` is sent.
    private func perform(
        _ pull: @escaping @Sendable () async throws -> Void,
        of image: ImageReference,
        unless abandoned: Wakeup
    ) async {
        do {
            try await firstOf(pull) {
                await abandoned.wait()
                throw CancellationError()
            }
            finish(image, with: .success(()))
        } catch is CancellationError where Task.isCancelled {
            finish(image, with: .failure(Self.hostIsAway))
        } catch is CancellationError {
            if isWantedAgain(image) { requested.send() }
        } catch {
            finish(image, with: .failure(error))
        }
    }

    /// Forgets a pull that was cancelled because nobody waited for it, or requests it again for those who have come since.
    private func isWantedAgain(_ image: ImageReference) -> Bool {
        state.withLock { state in
            guard state.waiting[image]?.isEmpty == false else {
                state.waiting[image] = nil
                state.abandoned[image] = nil
                return false
            }
            state.requested.append(image)
            state.abandoned[image] = Wakeup()
            return true
        }
    }

    private func finish(_ image: ImageReference, with result: Result<Void, any Error>) {
        let waiters = state.withLock { state in
            state.abandoned[image] = nil
            return state.waiting.removeValue(forKey: image)?.values.map { $0 } ?? []
        }
        for waiter in waiters { waiter.continuation.resume(with: result) }
    }
}
