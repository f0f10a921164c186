import Synchronization
import TestSupport
import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct AsyncSemaphoreTests {
    @Test func `The semaphore admits only its limit at once, and all tasks in the end`() async throws {
        let semaphore = AsyncSemaphore(permits: 3)
        let crowd = Crowd()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<60 {
                group.addTask { await semaphore.withPermit(timeout: .seconds(60)) { await crowd.stay() } }
            }
        }
        #expect(crowd.counts.withLock { $0.all } == 60)
        #expect(crowd.counts.withLock { $0.most } == 3)
    }

    private final class Crowd: Sendable {
        let counts = Mutex((now: 0, most: 0, all: 0))

        func stay() async {
            counts.withLock { counts in
                counts.now += 1
                counts.all += 1
                counts.most = max(counts.most, counts.now)
            }
            try? await Task.sleep(for: .milliseconds(2))
            counts.withLock { $0.now -= 1 }
        }
    }

    @Test func `A task that reaches its timeout continues and takes no permit`() async throws {
        let semaphore = AsyncSemaphore(permits: 1)
        try await withTask {
            await semaphore.withPermit(timeout: .zero) { try? await Task.sleep(for: .seconds(600)) }
        } during: {
            for _ in 0..<3 {
                let took = await ContinuousClock().measure { await semaphore.withPermit(timeout: .milliseconds(50)) {} }
                #expect(took >= .milliseconds(50))
            }
        }
        // The task that hung has ended, and its permit is free again.
        let took = await ContinuousClock().measure { await semaphore.withPermit(timeout: .seconds(50)) {} }
        #expect(took < .seconds(20))
    }
}
