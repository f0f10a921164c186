package import DockerEngine
package import NIOCore

/// A command that an engine has accepted, to be started once.
package struct PreparedExec: Sendable {
    let id: ExecID
    package let run: RunName
    let host: HostName
    let engine: Engine
    let terminal: TerminalSize?

    /// Executes the command and passes its output to `send`.
    ///
    /// When the caller is cancelled or the command takes too long, its input ends and its output is no longer read; the
    /// command itself goes on, because engines cannot end one.
    ///
    /// - Parameter input: what the command receives; nil if it takes no input.
    /// - Returns: the exit code.
    /// - Throws: `BerthError`, and what `send` throws.
    package func execute(
        input: ByteBuffer? = nil,
        timeout: Duration,
        _ send: @escaping @Sendable (LogChunk) async throws -> Void
    ) async throws -> Int {
        try await firstOf {
            try await start { connection in
                try await withThrowingDiscardingTaskGroup { group in
                    if let input {
                        group.addTask {
                            // A command may end without reading all of it.
                            try? await connection.write(input)
                            connection.finishInput()
                        }
                    }
                    for try await chunk in connection.output { try await send(chunk) }
                    group.cancelAll()
                }
            }
            return try await exitCode()
        } _: {
            try await Task.sleep(for: timeout)
            throw BerthError.execTimedOut(run, timeout)
        }
    }

    /// Starts the command and passes its connection to `use`.
    func start(_ use: @Sendable (HijackedConnection) async throws -> Void) async throws {
        try await explained { try await engine.startExec(id, hasTTY: terminal != nil, use) }
    }

    /// Waits until the command has ended, which may be later than the end of its output.
    func exitCode() async throws -> Int {
        try await explained {
            var pause = Duration.milliseconds(5)
            while true {
                let details = try await engine.exec(id)
                if !details.isRunning, let code = details.exitCode { return code }
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .milliseconds(250))
            }
        }
    }

    /// Sets the size of the terminal.
    ///
    /// - Parameter attempts: an engine refuses it for a moment after the start.
    func resize(to size: TerminalSize, attempts: Int = 1) async throws {
        for attempt in 1...attempts {
            do {
                return try await explained { try await engine.resizeExec(id, rows: size.rows, columns: size.columns) }
            } catch {
                guard attempt < attempts else { throw error }
                try await Task.sleep(for: .milliseconds(20 * attempt))
            }
        }
    }

    private func explained<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as EngineError {
            throw BerthError.engine(error, of: host, .execute(in: run))
        }
    }
}
