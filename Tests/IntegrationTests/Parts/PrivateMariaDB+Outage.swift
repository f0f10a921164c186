import Glibc
import Testing

/// A way in which a database is away.
enum Outage: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case stopped
    case killed
    /// Connections are accepted and nothing is answered.
    case hung
    /// It is read from, and whoever writes has to wait.
    case locked

    var testDescription: String { rawValue }
}

extension PrivateMariaDB {
    /// Calls `body` while the server is away, and brings it back.
    func whileAway(_ outage: Outage, _ body: () async throws -> Void) async throws {
        switch outage {
        case .stopped:
            try await stop()
            try await body()
            try await restart()
        case .killed:
            send(SIGKILL)
            try await eventually("it died") { !Processes.isRunning(processID) }
            try await body()
            try await restart()
        case .hung:
            send(SIGSTOP)
            defer { send(SIGCONT) }
            try await body()
        case .locked: try await whileLocked(body)
        }
    }

    private func whileLocked(_ body: () async throws -> Void) async throws {
        async let holder: Void = {
            // Killed in the end.
            _ = try? await tell("FLUSH TABLES WITH READ LOCK; SELECT SLEEP(60)")
        }()
        try await eventually("it is locked") { try await !lockHolders.isEmpty }
        do {
            try await body()
            try await unlock()
        } catch {
            try await unlock()
            throw error
        }
        await holder
    }

    private var lockHolders: [String] {
        get async throws {
            try await tell("SELECT id FROM information_schema.processlist WHERE info = 'SELECT SLEEP(60)'")
        }
    }

    private func unlock() async throws {
        for id in try await lockHolders { try await tell("KILL \(id)") }
    }
}
