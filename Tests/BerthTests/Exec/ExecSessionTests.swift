import DockerEngine
import FakeEngine
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct ExecSessionTests {
    /// Passes the sessions of a simulated engine, and a function that opens one.
    private func withSessions(
        readsInput: Bool = true,
        hasTerminal: Bool = true,
        idleLimit: Duration = .seconds(60),
        _ body: (ExecSessions, @Sendable () async throws -> ExecSession) async throws -> Void
    ) async throws {
        var behavior = FakeEngineBehavior()
        behavior.readsInput = readsInput
        try await FakePlatform.with(behavior) { berth in
            let run = try await berth.start()[0]
            let sessions = ExecSessions(idleLimit: idleLimit)
            let execs = Execs(runs: berth.platform.runs, hosts: berth.platform.hosts, sessions: sessions)
            let request = ExecRequest(
                command: try Command(words: ["cat"]),
                terminal: hasTerminal ? TerminalSize(rows: 24, columns: 80) : nil,
                takesInput: true
            )
            try await withTask {
                await sessions.run()
            } during: {
                try await body(sessions) {
                    try await sessions.open(execs.prepare(request, in: run.name), by: .named("ann"))
                }
            }
        }
    }

    private func withSession(
        readsInput: Bool = true,
        hasTerminal: Bool = true,
        idleLimit: Duration = .seconds(60),
        _ body: (ExecSessions, ExecSession) async throws -> Void
    ) async throws {
        try await withSessions(readsInput: readsInput, hasTerminal: hasTerminal, idleLimit: idleLimit) {
            sessions,
            open in
            try await body(sessions, open())
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

    @Test func `A session without a reader ends after a while, and is forgotten later`() async throws {
        try await withSession(idleLimit: .milliseconds(300)) { sessions, session in
            #expect(sessions.count == 1)
            try await eventually("it ends") { session.end == .detached }
            try await eventually("it is forgotten") { (try? sessions.session(session.id)) == nil }
        }
    }

    @Test(arguments: [true, false])
    func `A closed session is released, before or after its end`(isEnded: Bool) async throws {
        try await withSessions(hasTerminal: false, idleLimit: .seconds(600)) { sessions, open in
            weak let session = try await open()
            if isEnded {
                try await session?.finishInput()
                try await eventually("the command has ended") { session?.end == .exited(0) }
            }
            if let session { sessions.close(session) }
            try await eventually("it is released") { session == nil }
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
