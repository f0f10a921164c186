import TestSupport
import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct RunsWaitTests {
    private let run: Run
    private let runs: RunCache

    init() throws {
        run = try .example(state: .pending)
        runs = RunCache([run])
    }

    private func become(_ state: RunState) {
        runs.update(run.id) { run in
            var run = run
            run.state = state
            return run
        }
    }

    @Test func `Each of a thousand waiters is answered as soon as its condition holds`() async throws {
        let (runs, name) = (runs, run.name)
        try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<1000 {
                group.addTask { try await runs.wait(for: name, until: .finished, atMost: .seconds(60))?.text }
            }
            become(.running)
            become(.paused)
            try await eventually("all wait") { runs.withState { $0.watchers[run.id]?.count } == 1000 }
            become(.exited)
            for try await text in group { #expect(text == "web-run1 exited") }
        }
        #expect(runs.withState { $0.watchers.isEmpty })
    }

    @Test func `The goal started includes runs that never started, and finished means any end`() {
        for state in RunState.allCases {
            #expect(RunGoal.started.isReached(in: state) == ![.pending, .pulling, .starting].contains(state))
            #expect(RunGoal.finished.isReached(in: state) == [.exited, .failed, .lost, .removed].contains(state))
        }
    }

    @Test func `A wait that reaches its timeout ends and says so`() async throws {
        let clock = ContinuousClock()
        let waited = try await clock.measure {
            let run = try await runs.wait(for: run.name, until: .started, atMost: .milliseconds(50))
            #expect(run?.text == nil)
        }
        #expect(waited >= .milliseconds(50))
        let atOnce = try await runs.wait(for: run.name, until: .finished, atMost: .zero)
        #expect(atOnce?.text == nil)
        #expect(runs.withState { $0.watchers.isEmpty })
    }

    @Test func `A wait whose condition already holds is answered at once`() async throws {
        become(.failed)
        let shown = try await runs.wait(for: run.name, until: .finished, atMost: .seconds(60))
        #expect(shown?.text == "web-run1 failed")
    }

    @Test func `A removed record ends the wait`() async throws {
        let (runs, name) = (runs, run.name)
        await withTaskGroup(of: BerthError?.self) { group in
            group.addTask {
                do {
                    _ = try await runs.wait(for: name, until: .finished, atMost: .seconds(60))
                    return nil
                } catch {
                    return error as? BerthError
                }
            }
            try? await eventually("it waits") { runs.withState { $0.watchers.count } == 1 }
            runs.remove([run.id])
            let error = await group.next()
            #expect(error == .runNotFound(name))
        }
    }
}
