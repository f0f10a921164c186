import NIOHTTP1
import Testing

@testable import DockerEngine

/// A cancelled task releases the engine at once.
@Suite(.timeLimit(.minutes(5))) struct CancellationTests {
    @Test("A call that waits for an answer ends with CancellationError")
    func waiting() async throws {
        try await expectPromptEnd(.hang) { engine in _ = try await engine.info() }
    }

    @Test("A call that is reading an answer ends with CancellationError, not with half an answer")
    func reading() async throws {
        try await expectPromptEnd(.chunked(["["], ends: false)) { engine in _ = try await engine.containers() }
        try await expectPromptEnd(.chunked(["{}"], ends: false)) { engine in
            try await engine.startContainer(try Sample.containerID)
        }
    }

    @Test("A reader of events ends with CancellationError, not with an end of the events")
    func events() async throws {
        try await expectPromptEnd(.chunked([Sample.event + "\n"], ends: false)) { engine in
            for try await _ in try await engine.events(types: ["container"]) {}
        }
    }

    @Test("A reader of a log that never pauses ends with CancellationError as well")
    func busyLog() async throws {
        let frames = Array(repeating: LogFramesTests.frame(1, "a line\n"), count: 500).flatMap(\.self)
        try await expectPromptEnd(.endlessChunks(of: frames)) { engine in
            for try await _ in try await engine.logs(of: try Sample.containerID, follow: true, hasTTY: false) {}
        }
    }

    @Test("A pull ends with CancellationError")
    func pull() async throws {
        try await expectPromptEnd(.chunked([Sample.progress + "\n"], ends: false)) { engine in
            try await engine.pull(try ImageReference("nginx"))
        }
    }

    /// Repeatedly cancels `call` when the engine has begun `answer`, because the moment varies.
    private func expectPromptEnd(
        _ answer: StubAnswer,
        _ call: @escaping @Sendable (Engine) async throws -> Void
    ) async throws {
        try await StubEngine.withEngine { _ in
            answer
        } _: { engine, stub in
            var times: [Duration] = []
            for round in 1...20 {
                let task = Task { try await call(engine) }
                try await expectEventually { stub.requests.count == round }
                if round > 10 { try await Task.sleep(for: .milliseconds(5)) }
                let start = ContinuousClock.now
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                times.append(.now - start)
            }
            // One slow round on a busy machine is not an error.
            #expect(times.sorted()[10] < .seconds(1))
            try await expectEventually { stub.openConnections == 0 }
        }
    }

    @Test func `A call whose transport is closed is unreachable, and its own task continues`() async throws {
        try await StubEngine.with { _ in
            .hang
        } _: { _, stub in
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await EngineTransport.withUnixSocket(stub.socketPath) { transport in
                    group.addTask {
                        await expectUnreachable { _ = try await transport.send(.GET, "/x", deadline: .seconds(20)) }
                    }
                    try await expectEventually { stub.requests.count == 1 }
                    group.addTask {
                        try await expectEventually { stub.openConnections == 0 }
                        await expectUnreachable { _ = try await transport.send(.GET, "/y", deadline: .seconds(20)) }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
