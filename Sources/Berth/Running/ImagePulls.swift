import DockerEngine
import Synchronization

/// Fetches images to one host: each once, however many runs wait for it.
///
/// The fetching belongs to the host, not to who asked first: a caller that goes away ends nothing.
final class ImagePulls: Sendable {
    private typealias Waiter = CheckedContinuation<Void, any Error>

    private struct State {
        var isServed = false
        var waiting: [ImageReference: [Waiter]] = [:]
        var requested: [ImageReference] = []
    }

    private static let hostIsAway = EngineError.unreachable("the host was lost before the image was fetched")

    private let state = Mutex(State())
    private let requested = Signal()

    /// Returns when the image was fetched.
    ///
    /// - Throws: `EngineError`.
    func pull(_ image: ImageReference) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isServed = state.withLock { state in
                guard state.isServed else { return false }
                if state.waiting[image] == nil { state.requested.append(image) }
                state.waiting[image, default: []].append(continuation)
                return true
            }
            if isServed { requested.send() } else { continuation.resume(throwing: Self.hostIsAway) }
        }
    }

    /// Carries the requests out until the task is cancelled; may be called again afterwards.
    ///
    /// - Parameter pull: fetches one image.
    func serve(_ pull: @escaping @Sendable (ImageReference) async throws -> Void) async {
        state.withLock { $0.isServed = true }
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await requested.wait()
                for image in takeRequested() {
                    group.addTask { self.finish(image, with: await Result(of: { try await pull(image) })) }
                }
            }
            group.cancelAll()
        }
        let left = state.withLock { state in
            defer { state = State() }
            return state.waiting.values.flatMap(\.self)
        }
        for waiter in left { waiter.resume(throwing: Self.hostIsAway) }
    }

    private func takeRequested() -> [ImageReference] {
        state.withLock { state in
            defer { state.requested = [] }
            return state.requested
        }
    }

    private func finish(_ image: ImageReference, with result: Result<Void, any Error>) {
        let waiters = state.withLock { $0.waiting.removeValue(forKey: image) ?? [] }
        for waiter in waiters {
            switch result {
            case .success: waiter.resume()
            case .failure(let error): waiter.resume(throwing: error is CancellationError ? Self.hostIsAway : error)
            }
        }
    }
}

extension Result where Success == Void, Failure == any Error {
    fileprivate init(of body: () async throws -> Void) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
