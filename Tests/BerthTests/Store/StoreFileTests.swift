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

    /// Of a server that has ended when this returns.
    private func restartable(_ path: String) async throws -> (instance: String, app: App, run: Run) {
        let store = try await Store.sqlite(path: path)
        let app = try await store.createApp(AppName("web"), .example(variables: [("A", "ä")]), at: .noon)
        let run = try #require(try await store.recordIntent(of: app.name, on: HostName("local"), at: .noon)).run
        return (store.instance, app, run)
    }

    @Test func `A database is one server's, until that ends`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/berth.db"
            let first = try await Store.sqlite(path: path)
            let refusal = await #expect(throws: OpeningError.self) { try await Store.sqlite(path: path) }
            #expect(refusal == .inUse(path))
            try await first.check()
        }
    }

    @Test func `Who waits for another's transaction gets no more than two seconds of it`() async throws {
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

    @Test func `Two databases are two servers`() async throws {
        let (first, second) = (try await Store.inMemory(), try await Store.inMemory())
        #expect(first.instance != second.instance)
        #expect(first.instance.wholeMatch(of: /[a-z2-7]{26}/) != nil)
    }

    @Test func `The files are for their owner alone, also when they were not`() async throws {
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

    @Test func `What was answered is on the disk: a write-ahead log, synced with each transaction`() async throws {
        try await withTemporaryDirectory { directory in
            let store = try await Store.sqlite(path: directory + "/berth.db")
            #expect(try await number("journal_mode", of: store) == .text("wal"))
            #expect(try await number("foreign_keys", of: store) == .integer(1 as Int64))
            // 2 is FULL; asked on the connection that writes.
            let synchronous = try await store.database.write { try $0.rows("PRAGMA synchronous", []).first?.values }
            #expect(synchronous == [.integer(2 as Int64)])
        }
    }

    @Test func `A schema of a later berth is refused with what to do, and left alone`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/berth.db"
            try await raiseSchema(path)
            let refusal = await #expect(throws: OpeningError.self) { try await Store.sqlite(path: path) }
            #expect(refusal == .newerSchema(99, newestKnown: Migrations.all.count))
            #expect(refusal?.description.hasSuffix("Start the newer berth that made it.") == true)
            #expect(try await DatabaseQueue(path: path).read { try $0.tableExists("apps") })
        }
    }

    private func raiseSchema(_ path: String) async throws {
        try await Store.sqlite(path: path).database.write { connection in
            try connection.run("INSERT INTO schema_version (version, applied_at) VALUES (99, 0)", [])
        }
    }

    @Test func `A file that is no database is refused and stays as it is`() async throws {
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
    func `A path at which no database can be is refused`(_ below: String) async throws {
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

    @Test func `Migrations that have run do not run again`() async throws {
        try await withTemporaryDirectory { directory in
            for _ in 0..<3 { _ = try await Store.sqlite(path: directory + "/berth.db") }
            let store = try await Store.sqlite(path: directory + "/berth.db")
            let versions = try await store.database.read { try $0.rows("SELECT version FROM schema_version", []).count }
            #expect(versions == Migrations.all.count)
        }
    }

    @Test func `A store that is there answers`() async throws {
        try await Store.inMemory().check()
    }
}

extension Store {
    static func sqlite(path: String) async throws -> Store {
        try await open(.sqlite(path: path), logger: Logger(label: "test"))
    }
}
