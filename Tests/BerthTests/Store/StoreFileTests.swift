import DockerEngine
import Foundation
import GRDB
import Logging
import TestSupport
import Testing

@testable import Berth
@testable import SQL

@Suite struct StoreFileTests {
    private func mode(of path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    private func number(_ pragma: String, of store: Store) async throws -> SQLValue? {
        try await store.database.read { try $0.rows("PRAGMA \(pragma)", []).first?.values.first }
    }

    @Test func `Apps, runs and the server's id survive a restart`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/berth.db"
            let before = try await restartable(path)
            let after = try await Store.sqlite(path: path)
            #expect(after.instance == before.instance)
            #expect(try await after.apps() == [before.app])
            #expect(try await after.runs() == [before.run])
        }
    }

    /// The database of a server that has ended when this returns.
    private func restartable(_ path: String) async throws -> (instance: String, app: App, run: Run) {
        let store = try await Store.sqlite(path: path)
        let app = try await store.createApp(AppName("web"), .example(variables: [("A", "ä")]), at: .noon)
        let run = try #require(try await store.recordIntent(of: app.name, on: HostName("local"), at: .noon)).run
        return (store.instance, app, run)
    }

    @Test func `A database belongs to one server until that server ends`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/berth.db"
            let first = try await Store.sqlite(path: path)
            let refusal = await #expect(throws: OpeningError.self) { try await Store.sqlite(path: path) }
            #expect(refusal == .inUse(path))
            try await first.check()
        }
    }

    @Test func `A transaction waits at most two seconds for another's lock`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/berth.db"
            let store = try await Store.sqlite(path: path)
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            let stranger = try DatabaseQueue(path: path, configuration: configuration)
            try await stranger.writeWithoutTransaction { database in
                try database.execute(sql: "BEGIN IMMEDIATE")
            }
            let start = ContinuousClock.now
            await #expect(throws: SQLError.unavailable("SQLite: database is locked")) {
                try await store.createApp(AppName("web"), .example(), at: .noon)
            }
            #expect(ContinuousClock.now - start < .promised(.seconds(2)))
            try await stranger.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
            _ = try await store.createApp(AppName("web"), .example(), at: .noon)
        }
    }

    @Test func `Two databases have two server ids`() async throws {
        let (first, second) = (try await Store.inMemory(), try await Store.inMemory())
        #expect(first.instance != second.instance)
        #expect(first.instance.wholeMatch(of: /[a-z2-7]{26}/) != nil)
    }

    @Test func `The files are made readable only for their owner, even if they were not before`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/berth.db"
            #expect(FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o644]))
            #expect(try mode(of: path) == 0o644)
            let store = try await Store.sqlite(path: path)
            _ = try await store.createApp(AppName("web"), .example(), at: .noon)
            for file in try FileManager.default.contentsOfDirectory(atPath: directory) {
                #expect(try mode(of: directory + "/" + file) == 0o600, "\(file)")
            }
        }
    }

    @Test func `Answered changes are on the disk: the write-ahead log is synced with each transaction`() async throws {
        try await withTemporaryDirectory { directory in
            let store = try await Store.sqlite(path: directory + "/berth.db")
            #expect(try await number("journal_mode", of: store) == .text("wal"))
            #expect(try await number("foreign_keys", of: store) == .integer(1 as Int64))
            // 2 is FULL; asked on the connection that writes.
            let synchronous = try await store.database.write { try $0.rows("PRAGMA synchronous", []).first?.values }
            #expect(synchronous == [.integer(2 as Int64)])
        }
    }

    @Test func `A schema of a later Berth version is refused with advice, and not changed`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/berth.db"
            try await raiseSchema(path)
            let refusal = await #expect(throws: OpeningError.self) { try await Store.sqlite(path: path) }
            #expect(refusal == .newerSchema(99, newestKnown: Migrations.all.count))
            #expect(refusal?.description.hasSuffix("Use the version that created it, or a newer one.") == true)
            #expect(try await DatabaseQueue(path: path).read { try $0.tableExists("apps") })
        }
    }

    private func raiseSchema(_ path: String) async throws {
        try await Store.sqlite(path: path).database.write { connection in
            try connection.run("INSERT INTO schema_version (version, applied_at) VALUES (99, 0)", [])
        }
    }

    @Test func `A file that is no database is refused and not changed`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/notes.txt"
            let text = Data(String(repeating: "Not a database. ", count: 500).utf8)
            try text.write(to: URL(filePath: path))
            let refusal = await #expect(throws: OpeningError.self) { try await Store.sqlite(path: path) }
            #expect(refusal?.description.hasPrefix("The database cannot be opened: ") == true)
            #expect(try Data(contentsOf: URL(filePath: path)) == text)
        }
    }

    @Test(arguments: ["/missing/berth.db", "/."])
    func `A path where no database can be is refused`(_ below: String) async throws {
        try await withTemporaryDirectory { directory in
            let refusal = await #expect(throws: OpeningError.self) {
                try await Store.sqlite(path: directory + below)
            }
            guard case .unreadable = refusal else {
                Issue.record("\(String(describing: refusal))")
                return
            }
        }
    }

    @Test func `Completed migrations do not run again`() async throws {
        try await withTemporaryDirectory { directory in
            for _ in 0..<3 { _ = try await Store.sqlite(path: directory + "/berth.db") }
            let store = try await Store.sqlite(path: directory + "/berth.db")
            let versions = try await store.database.read { try $0.rows("SELECT version FROM schema_version", []).count }
            #expect(versions == Migrations.all.count)
        }
    }

    @Test func `An open store answers a ping`() async throws {
        try await Store.inMemory().check()
    }
}

extension Store {
    static func sqlite(path: String) async throws -> Store {
        try await open(.sqlite(path: path), logger: Logger(label: "test"))
    }
}
