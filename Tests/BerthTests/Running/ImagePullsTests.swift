import DockerEngine
import Synchronization
import TestSupport
import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct ImagePullsTests {
    private let image: ImageReference
    private let pulls = ImagePulls()

    init() throws { image = try ImageReference("nginx") }

    /// Pulls that end on request, with a given result.
    private final class Registry: Sendable {
        let asked = Mutex<[ImageReference]>([])
        private let answers: AsyncStream<EngineError?>
        private let answer: AsyncStream<EngineError?>.Continuation

        init() { (answers, answer) = AsyncStream.makeStream() }

        func answers(_ error: EngineError? = nil) { answer.yield(error) }

        func pull(_ image: ImageReference, _ report: (PullProgress) -> Void) async throws {
            report(PullProgress(layer: nil, status: "Pulling"))
            asked.withLock { $0.append(image) }
            for await error in answers {
                if let error { throw error }
                return
            }
            throw CancellationError()
        }
    }

    @Test func `Two waiters for one image share one pull`() async throws {
        let registry = Registry()
        try await withTask {
            await pulls.serve(registry.pull)
        } during: {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 { group.addImmediateTask { try await pulls.pull(image) } }
                registry.answers()
                try await group.waitForAll()
            }
        }
        #expect(registry.asked.withLock { $0 } == [image])
    }

    @Test func `A waiter that leaves does not end the pull, and the last one to leave does`() async throws {
        let registry = Registry()
        let isEnded = Mutex(false)
        try await withTask {
            await pulls.serve { image, report in
                do {
                    try await registry.pull(image, report)
                } catch is CancellationError {
                    isEnded.withLock { $0 = true }
                    throw CancellationError()
                }
            }
        } during: {
            try await withTask {
                try await pulls.pull(image)
            } during: {
                await withTaskGroup(of: Void.self) { group in
                    group.addImmediateTask {
                        await #expect(throws: CancellationError.self) { try await pulls.pull(image) }
                    }
                    group.cancelAll()
                }
                try await eventually("the pull has begun") { registry.asked.withLock { $0 } == [image] }
                #expect(!isEnded.withLock { $0 })
            }
            try await eventually("the pull has ended") { isEnded.withLock { $0 } }
        }
    }

    @Test func `A waiter that comes while an abandoned pull ends gets a pull of its own`() async throws {
        let begun = Mutex(0)
        let (isWaiting, source) = AsyncStream<Void>.makeStream()
        try await withTask {
            await pulls.serve { _, _ in
                let number = begun.withLock { count in
                    count += 1
                    return count
                }
                guard number == 1 else { return }
                try? await Task.sleep(for: .seconds(1000))
                // Not cancelled, as an engine that takes its time.
                await Task { for await _ in isWaiting {} }.value
                throw CancellationError()
            }
        } during: {
            try await withTask {
                try await pulls.pull(image)
            } during: {
                try await eventually("the pull has begun") { begun.withLock { $0 } == 1 }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addImmediateTask { try await pulls.pull(image) }
                source.finish()
                try await group.waitForAll()
            }
        }
        #expect(begun.withLock { $0 } == 2)
    }

    @Test func `Each waiter that asks for the progress gets it`() async throws {
        let registry = Registry()
        let reports = [PullReport(), PullReport()]
        try await withTask {
            await pulls.serve(registry.pull)
        } during: {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for report in reports { group.addImmediateTask { try await pulls.pull(image, report: report) } }
                for report in reports {
                    #expect(try await report.next(atMost: 5)?.map(\.status) == ["Pulling"])
                }
                registry.answers()
                try await group.waitForAll()
            }
        }
    }

    @Test func `A failure reaches all waiters`() async throws {
        let registry = Registry()
        let error = EngineError.status(404, message: "manifest unknown")
        try await withTask {
            await pulls.serve(registry.pull)
        } during: {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<5 {
                    group.addImmediateTask { await #expect(throws: error) { try await pulls.pull(image) } }
                }
                registry.answers(error)
                try await group.waitForAll()
            }
        }
    }

    @Test func `A pull after a finished one starts anew`() async throws {
        let registry = Registry()
        try await withTask {
            await pulls.serve(registry.pull)
        } during: {
            registry.answers(.busy)
            await #expect(throws: EngineError.busy) { try await pulls.pull(image) }
            registry.answers()
            try await pulls.pull(image)
        }
        #expect(registry.asked.withLock { $0.count } == 2)
    }

    @Test func `Pulls of different images do not wait for each other`() async throws {
        let (slow, quick) = (image, try ImageReference("quick"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await withTask {
                await pulls.serve { image, _ in
                    if image == slow { try await Task.sleep(for: .seconds(100)) }
                }
            } during: {
                group.addImmediateTask { try? await pulls.pull(slow) }
                try await pulls.pull(quick)
            }
        }
    }

    @Test func `The end of the connection ends all waits`() async throws {
        let registry = Registry()
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await withTask {
                await pulls.serve(registry.pull)
            } during: {
                group.addImmediateTask { await expectAway(from: pulls) }
                try await eventually("it is pulled") { registry.asked.withLock { !$0.isEmpty } }
                group.addImmediateTask { await expectAway(from: pulls) }
            }
            try await group.waitForAll()
        }
    }

    @Test func `A pull without a connection does not wait`() async throws {
        await expectAway(from: pulls)
        try await withTask {
            await pulls.serve { _, _ in }
        } during: {
            try await pulls.pull(image)
        }
        await expectAway(from: pulls)
    }

    @Test func `The next connection pulls again`() async throws {
        for _ in 0..<3 {
            try await withTask {
                await pulls.serve { _, _ in }
            } during: {
                for _ in 0..<2 { try await pulls.pull(image) }
            }
        }
    }

    private func expectAway(from pulls: ImagePulls) async {
        let error = await #expect(throws: EngineError.self) { try await pulls.pull(image) }
        guard case .unreachable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
