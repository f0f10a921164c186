import FoundationEssentials
import Logging
import TestSupport
import Testing

@testable import Berth
@testable import SQL

/// The databases that a store can use; tests run on all of them.
enum StoreKind: String, CaseIterable, CustomTestStringConvertible {
    case memory
    case file
    case mariaDB

    /// All kinds, if the lab is up; `make test` starts it.
    static var available: [StoreKind] { LabMariaDB.current == nil ? [.memory, .file] : allCases }

    var testDescription: String { rawValue }

    /// Calls `body` with a fresh store, which is deleted afterwards.
    ///
    /// Transactions in `body` have time for a busy machine.
    func withStore<Result>(_ body: (Store) async throws -> Result) async throws -> Result {
        try await SQLLimits.$usual.withValue(.timeout) { try await withFreshStore(body) }
    }

    private func withFreshStore<Result>(_ body: (Store) async throws -> Result) async throws -> Result {
        switch self {
        case .memory: try await body(.inMemory())
        case .file: try await withTemporaryDirectory { try await body(.sqlite(path: $0 + "/berth.db")) }
        case .mariaDB: try await LabMariaDB.required.withDatabase { url in try await body(.on(url)) }
        }
    }

    /// Like ``withStore(_:)``, with an empty database.
    func withDatabase<Result>(_ body: (any SQLDatabase) async throws -> Result) async throws -> Result {
        try await SQLLimits.$usual.withValue(.timeout) { try await withFreshDatabase(body) }
    }

    private func withFreshDatabase<Result>(_ body: (any SQLDatabase) async throws -> Result) async throws -> Result {
        switch self {
        case .memory: try await body(SQLiteDatabase())
        case .file: try await withTemporaryDirectory { try await body(SQLiteDatabase(path: $0 + "/berth.db")) }
        case .mariaDB:
            try await LabMariaDB.required.withDatabase { url in try await body(MySQLDatabase(url.mysqlAddress)) }
        }
    }
}

/// The lab's MariaDB server.
struct LabMariaDB {
    private let prefix: String

    static var current: LabMariaDB? { ProcessInfo.processInfo.environment["LAB_MARIADB_URL"].map(LabMariaDB.init) }

    static var required: LabMariaDB { get throws { try #require(current) } }

    func url(_ database: String) throws -> DatabaseURL { try DatabaseURL(prefix + database) }

    /// Calls `body` with the URL of an empty database, which is deleted afterwards.
    func withDatabase<Result>(_ body: (DatabaseURL) async throws -> Result) async throws -> Result {
        let name = "berth_" + String(UInt64.random(in: .min ... .max), radix: 36)
        try execute("CREATE DATABASE \(name)")
        do {
            let result = try await body(url(name))
            try execute("DROP DATABASE \(name)")
            return result
        } catch {
            try execute("DROP DATABASE \(name)")
            throw error
        }
    }

    /// Runs `sql`, which may wait for the tables that the server keeps for all databases: other tests create and delete
    /// theirs at the same time.
    func execute(_ sql: String) throws {
        let session = try MySQLSession(url("information_schema").mysqlAddress, for: .writing, timeout: 120)
        try session.execute("SET SESSION innodb_lock_wait_timeout = 60, lock_wait_timeout = 60")
        try session.execute(sql)
    }
}

extension DatabaseURL {
    var mysqlAddress: MySQLAddress {
        get throws {
            guard case .mysql(let address) = self else { throw SQLError.damaged("no MySQL") }
            return address
        }
    }
}

extension Store {
    static func on(_ url: DatabaseURL) async throws -> Store { try await open(url, logger: Logger(label: "test")) }
}
