import DockerEngine
package import NIOCore
import Synchronization

/// A command in a container whose input and output belong to a client, over several requests.
package final class ExecSession: Sendable {
    package let id: String
    /// Who began it.
    let owner: Principal
    private let exec: PreparedExec
    private let output = ExecOutput()
    /// How long it goes on without a reader.
    private let idleLimit: Duration
    private let connection = Mutex<HijackedConnection?>(nil)
    private let hasStarted = Wakeup()
    private let isUnwanted = Mutex(false)
    private let unwanted = Wakeup()

    init(_ exec: PreparedExec, idleLimit: Duration, owner: Principal) {
        id = randomID()
        self.owner = owner
        self.exec = exec
        self.idleLimit = idleLimit
    }

    package var run: RunName { exec.run }
    /// Nil while it runs.
    package var end: ExecEnd? { output.end }

    /// Passes the output after `position` to `send`; see ``ExecOutput/read(after:_:)``.
    package func read(after position: Int?, _ send: ([ExecItem]) async throws -> Void) async throws {
        try await output.read(after: position, send)
    }

    /// Sends input to the command, and waits until there is room for more.
    ///
    /// - Throws: `BerthError.execEnded`, also after ``finishInput()``; or `CancellationError`.
    package func write(_ bytes: ByteBuffer) async throws {
        guard end == nil, let connection = connection.withLock({ $0 }) else { throw BerthError.execEnded }
        do {
            try await connection.write(bytes)
        } catch is EngineError {
            throw BerthError.execEnded
        }
    }

    /// Ends the command's input; a terminal, whose input has no end, is sent the character for it (Ctrl-D).
    package func finishInput() async throws {
        guard exec.terminal == nil else { return try await write(ByteBuffer(integer: UInt8(0x04))) }
        guard end == nil, let connection = connection.withLock({ $0 }) else { throw BerthError.execEnded }
        connection.finishInput()
    }

    /// - Throws: `BerthError` `execEnded`, `execHasNoTerminal`, or the engine's error.
    package func resize(to size: TerminalSize) async throws {
        guard exec.terminal != nil else { throw BerthError.execHasNoTerminal }
        guard end == nil else { throw BerthError.execEnded }
        try await exec.resize(to: size)
    }

    /// Ends the session.
    ///
    /// The command receives the end of its input, and goes on if it ignores that.
    package func detach() {
        isUnwanted.withLock { $0 = true }
        unwanted.send()
    }
}

// What happens between the requests.
extension ExecSession {
    /// Executes the command until it ends, or until the session is closed or has had no reader for a while.
    func execute() async {
        do {
            let code: Int = try await firstOf {
                try await self.exec.start { connection in
                    self.connection.withLock { $0 = connection }
                    self.hasStarted.send()
                    if let size = self.exec.terminal { try? await self.exec.resize(to: size, attempts: 5) }
                    for try await chunk in connection.output { try await self.output.append(chunk) }
                }
                return try await self.exec.exitCode()
            } _: {
                try await self.waitUntilUnwanted()
                // A command that does not read its input may leave no room for Ctrl-D.
                try? await withDeadline(.seconds(1)) { try await self.finishInput() }
                throw CancellationError()
            }
            output.finish(.exited(code))
        } catch let error as BerthError {
            output.finish(.failed(error))
        } catch {
            output.finish(.detached)
        }
        connection.withLock { $0 = nil }
        hasStarted.send()
    }

    /// - Throws: `BerthError` if the command could not be started, or `CancellationError`.
    func waitUntilStarted() async throws {
        await hasStarted.wait()
        try Task.checkCancellation()
        if case .failed(let error) = end { throw error }
    }

    private func waitUntilUnwanted() async throws {
        while !isUnwanted.withLock({ $0 }) {
            let end = (output.leftAt ?? .now) + idleLimit
            guard end > .now else { return }
            await unwanted.wait(atMost: end - .now)
            try Task.checkCancellation()
        }
    }
}

/// 128 random bits, so that it cannot be guessed.
private func randomID() -> String {
    withUnsafeBytes(of: SIMD2<UInt64>.random(in: .min ... .max)) { $0.hexadecimal }
}
