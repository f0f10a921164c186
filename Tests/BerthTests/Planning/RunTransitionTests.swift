import Testing

@testable import Berth

@Suite struct RunTransitionTests {
    private static let start = Timestamp(milliseconds: 1000)
    private static let later = Timestamp(milliseconds: 2000)

    private func run(
        _ state: RunState,
        startedAt: Timestamp? = nil,
        exitCode: Int? = nil,
        isOutOfMemory: Bool = false
    ) throws -> Run {
        var run = Run(
            id: RunID(recorded: "a"),
            name: RunName(recorded: "app-1"),
            app: try AppName("app"),
            release: 1,
            host: try HostName("local"),
            image: "busybox",
            state: state,
            createdAt: Timestamp(milliseconds: 0)
        )
        run.startedAt = startedAt
        run.exitCode = exitCode
        run.isOutOfMemory = isOutOfMemory
        return run
    }

    private func events(_ earlier: Run, _ later: Run) -> [RunTransition.Event] {
        RunTransition(from: earlier, to: later).events
    }

    @Test func `A start is counted once, whichever source reports it first`() throws {
        #expect(try events(run(.starting), run(.running)) == [.started])
        #expect(try events(run(.running), run(.running, startedAt: Self.start)) == [])
        #expect(try events(run(.pulling), run(.running, startedAt: Self.start)) == [.started])
        #expect(try events(run(.pending), run(.starting)) == [])
    }

    @Test func `A run that ended before it was seen running was started and has finished`() throws {
        let exited = try run(.exited, startedAt: Self.start, exitCode: 0)
        #expect(try events(run(.starting), exited) == [.started, .finished(.completed)])
    }

    @Test func `A finished run says how it ended`() throws {
        let running = try run(.running, startedAt: Self.start)
        let exited = try run(.exited, startedAt: Self.start, exitCode: 1)
        let killed = try run(.exited, startedAt: Self.start, exitCode: 137, isOutOfMemory: true)
        #expect(events(running, exited) == [.finished(.error)])
        #expect(events(running, killed) == [.finished(.outOfMemory)])
        #expect(RunTransition(from: running, to: exited, isLocked: true).events == [.finished(.stopped)])
        #expect(RunTransition(from: running, to: killed, isLocked: true).events == [.finished(.outOfMemory)])
        #expect(try events(running, run(.lost, startedAt: Self.start)) == [.finished(.lost)])
        #expect(try events(running, run(.removed, startedAt: Self.start)) == [.finished(.removed)])
        #expect(try events(exited, run(.removed, startedAt: Self.start, exitCode: 1)) == [], "its end was told before")
    }

    @Test func `A restarted container is counted by its start time`() throws {
        let running = try run(.running, startedAt: Self.start)
        #expect(try events(running, run(.running, startedAt: Self.later)) == [.restarted])
        #expect(try events(running, run(.restarting, startedAt: Self.start)) == [])
        let exited = try run(.exited, startedAt: Self.start, exitCode: 1)
        #expect(try events(exited, run(.running, startedAt: Self.later)) == [.restarted])
        #expect(try events(running, run(.paused, startedAt: Self.start)) == [])
    }

    @Test func `A run that could not be started has failed and has no finish time`() throws {
        #expect(try events(run(.starting), run(.failed)) == [.interrupted])
        #expect(try events(run(.failed), run(.failed)) == [])
    }
}
