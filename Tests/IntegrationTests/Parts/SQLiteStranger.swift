import GRDB

/// Another program's operations on an SQLite database that Berth has open.
struct SQLiteStranger: Sendable {
    private let queue: DatabaseQueue

    init(path: String) throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        configuration.busyMode = .timeout(5)
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Keeps all others from writing while `body` runs.
    func holdingLock<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await queue.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
        do {
            let result = try await body()
            try await queue.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
            return result
        } catch {
            try await queue.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
            throw error
        }
    }

    /// The first column of each row.
    func texts(_ sql: String) async throws -> [String] {
        try await queue.read { try String.fetchAll($0, sql: sql) }
    }
}
