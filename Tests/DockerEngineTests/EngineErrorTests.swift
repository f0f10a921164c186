import Testing

@testable import DockerEngine

@Suite struct EngineErrorTests {
    @Test("Only after the engine's own no, or when nothing was sent, is it known that a write was not carried out")
    func outcome() {
        let open: [EngineError] = [.unreachable("x"), .timedOut(.seconds(1)), .undecodable("x")]
        for error in open { #expect(error.leavesOutcomeOpen) }
        let closed: [EngineError] = [.status(500, message: "x"), .status(404, message: ""), .busy]
        for error in closed { #expect(!error.leavesOutcomeOpen) }
    }

    @Test("What does not exist and what conflicts is told by the status")
    func statuses() {
        #expect(EngineError.status(404, message: "").isNotFound)
        #expect(EngineError.status(409, message: "").isConflict)
        for error in [EngineError.status(400, message: "404"), .busy, .undecodable("409")] {
            #expect(!error.isNotFound && !error.isConflict)
        }
    }
}
