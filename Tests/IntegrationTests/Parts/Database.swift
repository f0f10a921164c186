import FoundationEssentials
import Testing

/// The database of a server under test.
enum Database: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case sqlite
    case mariaDB

    var testDescription: String { rawValue }

    /// Calls `body` with the URL of an empty database, nil for the one in the state directory; it is deleted
    /// afterwards.
    func with<Result>(_ body: (String?) async throws -> Result) async throws -> Result {
        guard self == .mariaDB else { return try await body(nil) }
        let environment = ProcessInfo.processInfo.environment
        guard let url = environment["LAB_MARIADB_URL"], let socket = environment["LAB_MARIADB_SOCKET"] else {
            throw LabError("LAB_MARIADB_URL is not set: run make test")
        }
        let name = "berth_" + String(UInt32.random(in: .min ... .max), radix: 36)
        try await tell("CREATE DATABASE \(name)", socket)
        let result = await Swift.Result(catching: { try await body(url + name) })
        try await tell("DROP DATABASE \(name)", socket)
        return try result.get()
    }

    private func tell(_ sql: String, _ socket: String) async throws {
        try await runTool("mariadb", "--no-defaults", "--socket=\(socket)", "--user=root", "--execute=\(sql)")
    }
}
