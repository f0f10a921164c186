import Testing

@testable import DockerEngine

@Suite(.timeLimit(.minutes(5))) struct DeadlineTests {
    private struct Fault: Error {}

    @Test("What is done in time is returned")
    func inTime() async throws {
        #expect(try await withDeadline(.seconds(60)) { 5 } == 5)
    }

    @Test("What takes too long is cancelled, and timed out")
    func tooLong() async {
        let time = await ContinuousClock().measure {
            await #expect(throws: EngineError.timedOut(.milliseconds(20))) {
                try await withDeadline(.milliseconds(20)) { try await Task.sleep(for: .seconds(600)) }
            }
        }
        #expect(time < .seconds(60))
    }

    @Test("An error comes through as it is")
    func fault() async {
        await #expect(throws: Fault.self) { try await withDeadline(.seconds(60)) { throw Fault() } }
    }

    @Test("A cancelled caller gets a CancellationError, not a timeout")
    func cancelled() async {
        let task = Task { try await withDeadline(.seconds(60)) { try await Task.sleep(for: .seconds(60)) } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("A deadline that has passed already is a timeout")
    func passed() async {
        await #expect(throws: EngineError.timedOut(.seconds(-1))) {
            try await withDeadline(.seconds(-1)) { try await Task.sleep(for: .seconds(600)) }
        }
    }
}
