import Glibc
import Testing

/// The different database outages.
enum Outage: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case stopped
    case killed
    /// Connections are accepted and not answered.
    case hung
    /// Reads succeed, and writes have to wait.
    case locked
    /// The server was demoted: reads succeed, and writes are refused.
    case readOnly

    var testDescription: String { rawValue }
}

extension PrivateMariaDB {
    /// Calls `body` during the outage, and ends it afterwards.
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
        case .readOnly:
            try await execute("SET GLOBAL read_only = 1")
            try await body()
            try await execute("SET GLOBAL read_only = 0")
        }
    }

    private func whileLocked(_ body: () async throws -> Void) async throws {
        try await whileSession(has: "FLUSH TABLES WITH READ LOCK", body)
    }

    /// Calls `body` while a session of root has executed `sql` and stays open; it is killed afterwards.
    func whileSession<Result>(has sql: String, _ body: () async throws -> Result) async throws -> Result {
        async let session: Void = {
            // Killed in the end.
            _ = try? await execute("\(sql); SELECT SLEEP(600)")
        }()
        try await eventually("a session has done it: \(sql)") { try await !sleepers.isEmpty }
        do {
            let result = try await body()
            try await killSleepers()
            await session
            return result
        } catch {
            try await killSleepers()
            throw error
        }
    }

    private var sleepers: [String] {
        get async throws {
            try await execute("SELECT id FROM information_schema.processlist WHERE info = 'SELECT SLEEP(600)'")
        }
    }

    private func killSleepers() async throws {
        for id in try await sleepers { try await execute("KILL \(id)") }
    }
}
