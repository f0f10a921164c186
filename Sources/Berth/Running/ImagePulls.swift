import DockerEngine
import Synchronization

/// Fetches images to one host: each once, however many runs wait for it.
///
/// The fetching belongs to the host, not to who asked first: a caller that goes away ends nothing.
final class ImagePulls: Sendable {
    private typealias Waiter = CheckedContinuation<Void, any Error>

    private let waiting = Mutex<[ImageReference: [Waiter]]>([:])
    private let requests: AsyncStream<ImageReference>
    private let request: AsyncStream<ImageReference>.Continuation

    init() {
        (requests, request) = AsyncStream.makeStream()
    }

    /// Returns when the image was fetched.
    ///
    /// - Throws: `EngineError`.
    func pull(_ image: ImageReference) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isFirst = waiting.withLock { waiting in
                waiting[image, default: []].append(continuation)
                return waiting[image]?.count == 1
            }
            if isFirst { request.yield(image) }
        }
    }

    /// Carries the requests out until the task is cancelled.
    ///
    /// - Parameter pull: fetches one image.
    func run(_ pull: @escaping @Sendable (ImageReference) async throws -> Void) async {
        await withDiscardingTaskGroup { group in
            for await image in requests {
                group.addTask { self.finish(image, with: await self.outcome { try await pull(image) }) }
            }
            group.cancelAll()
        }
        for image in waiting.withLock({ Array($0.keys) }) { finish(image, with: .failure(CancellationError())) }
    }

    private func finish(_ image: ImageReference, with outcome: Result<Void, any Error>) {
        for waiter in waiting.withLock({ $0.removeValue(forKey: image) ?? [] }) { waiter.resume(with: outcome) }
    }

    private func outcome(_ body: () async throws -> Void) async -> Result<Void, any Error> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
