import DockerEngine
import FakeEngine
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct ExecSessionTests {
    /// Passes a session on a simulated engine.
    private func withSession(
        readsInput: Bool = true,
        hasTerminal: Bool = true,
        _ body: (ExecSessions, ExecSession) async throws -> Void
    ) async throws {
        var behavior = FakeEngineBehavior()
        behavior.readsInput = readsInput
        try await FakePlatform.with(behavior) { berth in
            let run = try await berth.start()[0]
            let execs = berth.platform.execs
            let request = ExecRequest(
                command: try Command(words: ["cat"]),
                terminal: hasTerminal ? TerminalSize(rows: 24, columns: 80) : nil,
                takesInput: true
            )
            try await withTask {
                await execs.sessions.run()
            } during: {
                try await body(execs.sessions, execs.sessions.open(execs.prepare(request, in: run.name)))
            }
        }
    }

    @Test(arguments: [true, false])
    func `A session ends when it is closed, even if its command leaves no room for input`(
        _ hasTerminal: Bool
    ) async throws {
        try await withSession(readsInput: false, hasTerminal: hasTerminal) { sessions, session in
            let written = Mutex(0)
            try await withTask {
                while true {
                    try await session.write(ByteBuffer(repeating: 0x78, count: 1 << 20))
                    written.withLock { $0 += 1 }
                }
            } during: {
                try await eventually("input is sent") { written.withLock { $0 } > 0 }
                #expect(session.end == nil)
                sessions.close(session)
                try await eventually("it ends") { session.end == .detached }
            }
        }
    }

    @Test func `A session takes no input after its end`() async throws {
        try await withSession { sessions, session in
            try await session.write(ByteBuffer(string: "a"))
            sessions.close(session)
            try await eventually("it ends") { session.end == .detached }
            await #expect(throws: BerthError.execEnded) { try await session.write(ByteBuffer(string: "a")) }
            await #expect(throws: BerthError.execEnded) { try await session.finishInput() }
            #expect(throws: BerthError.execNotFound) { try sessions.session(session.id) }
        }
    }

    @Test func `A session takes no input after the end of its input, and its command ends`() async throws {
        try await withSession(hasTerminal: false) { _, session in
            try await session.finishInput()
            await #expect(throws: BerthError.execEnded) { try await session.write(ByteBuffer(string: "a")) }
            try await eventually("the command has ended") { session.end == .exited(0) }
        }
    }
}
