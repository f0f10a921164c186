import Dispatch
import Glibc
import Synchronization
import SystemPackage

/// Connections to an engine as sessions of one SSH connection; each runs `docker system dial-stdio` on the host.
///
/// For SSH servers that forbid forwarding to sockets. The accepted connection itself is the session's standard input
/// and output, so this process copies nothing.
final class SSHSessions: Sendable {
    let socketPath: String
    private let control: SSHControl
    private let command: [String]
    private let remarks: SSHRemarks
    /// Whether a session that the server refuses is requested again, since another one will end soon.
    private let isMeasured = Atomic(false)

    /// The server's default for `MaxSessions` is 10.
    static let most = 10
    /// A login shell may read long files before it runs the command.
    static let slowestShell = Duration.seconds(30)
    /// How long to wait for another session to end; longer than a server takes to detect it.
    private static let timeout = Duration.seconds(10)

    init(_ control: SSHControl, to destination: SSHDestination, remarks: SSHRemarks) {
        self.control = control
        self.remarks = remarks
        socketPath = control.path + ".dial"
        let isDefault = destination.socketPath == SSHDestination.defaultSocketPath
        // The login shell on the host parses it; EngineAddress allows no character in the path that is special to a
        // shell.
        command =
            ["docker"] + (isDefault ? [] : ["-H", "unix://\(destination.socketPath)"]) + ["system", "dial-stdio"]
    }

    /// Accepts connections at ``socketPath`` while `body` runs, and ends the sessions afterwards.
    func whileListening<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result
    {
        let listener = try UnixListener(path: socketPath)
        defer { listener.close() }
        let connections = listener.connections
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                await withDiscardingTaskGroup { sessions in
                    for await connection in connections {
                        sessions.addTask { await self.serve(connection) }
                    }
                    sessions.cancelAll()
                }
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    /// Measures how many sessions the server allows at once, at most ten.
    ///
    /// Afterwards a connection waits when the server refuses its session.
    func measure() async -> Int {
        let tally = Tally()
        let first = await SocketProbe.ping(socketPath, within: Self.slowestShell) { first in
            if first == .http { await self.openMore(tally) }
        }
        isMeasured.store(true, ordering: .relaxed)
        return first == .http ? 1 + tally.counts.withLock { $0.answered } : 0
    }

    private final class Tally: Sendable {
        let counts = Mutex((answered: 0, decided: 0))
    }

    /// Opens as many sessions as possible beside the first, and holds them until each has been accepted or refused.
    private func openMore(_ tally: Tally) async {
        await withDiscardingTaskGroup { group in
            for _ in 1..<Self.most {
                group.addTask { [socketPath] in
                    _ = await SocketProbe.ping(socketPath, within: Self.slowestShell) { answer in
                        tally.counts.withLock { counts in
                            counts.decided += 1
                            if answer == .http { counts.answered += 1 }
                        }
                        let end = ContinuousClock.now + Self.slowestShell
                        while tally.counts.withLock({ $0.decided < Self.most - 1 }), ContinuousClock.now < end,
                            !Task.isCancelled
                        {
                            try? await Task.sleep(for: .milliseconds(5))
                        }
                    }
                }
            }
        }
    }

    private func serve(_ connection: FileDescriptor) async {
        defer { try? connection.close() }
        let end = ContinuousClock.now + Self.timeout
        while let exit = try? await control.run(command, over: connection), exit.code != 0 {
            let words = SSHWords(exit.standardError)
            let isRefused = words.reason == .sessionRefused
            if !isRefused, !Task.isCancelled { remarks.set(words.last) }
            guard isRefused, isMeasured.load(ordering: .relaxed), ContinuousClock.now < end else { return }
            do { try await Task.sleep(for: .milliseconds(50)) } catch { return }
        }
    }
}

/// A listening Unix socket, accessible to its user only.
private struct UnixListener {
    let connections: AsyncStream<FileDescriptor>
    private let path: String
    private let source: any DispatchSourceRead

    init(path: String) throws {
        self.path = path
        let descriptor = try UnixSocket.listen(at: path)
        let (connections, continuation) = AsyncStream<FileDescriptor>.makeStream()
        self.connections = connections
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
        source.setEventHandler {
            var accepted = accept(descriptor, nil, nil)
            while accepted >= 0 {
                _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
                continuation.yield(FileDescriptor(rawValue: accepted))
                accepted = accept(descriptor, nil, nil)
            }
        }
        source.setCancelHandler {
            _ = Glibc.close(descriptor)
            continuation.finish()
        }
        source.activate()
    }

    func close() {
        unlink(path)
        source.cancel()
    }
}
