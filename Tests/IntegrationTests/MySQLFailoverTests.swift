import Glibc
import TestSupport
import Testing

@testable import Berth
@testable import SQL

/// A primary that is demoted while it is in use, and the server that replaces it.
@Suite(.serialized) struct MySQLFailoverTests {
    @Test func `The first write after the address leads to a writable server works, and reads follow it`() async throws
    {
        try await withTwoServers { first, second, address in
            let store = try await address.open()
            try await store.mark("kept")
            try await store.useAll()
            try await first.demote()
            await expectUnavailable(within: .promised(.seconds(2))) { try await store.mark("refused") }
            await expectUnavailable(within: .promised(.seconds(2))) { try await store.checkWriting() }
            try await store.check()
            try address.lead(to: second)
            try await store.mark("first")
            #expect(try await store.marks() == ["first"])
            #expect(try await first.marks() == ["kept", "used"])
            // The lock moved as well.
            await #expect(throws: OpeningError.self) { try await second.open() }
            try await second.demote()
            try await first.promote()
            try address.lead(to: first)
            try await store.checkWriting()
            #expect(try await store.marks() == ["kept", "used"])
        }
    }

    @Test func `A transaction whose COMMIT a demoted server refuses is done once, on the next server`() async throws {
        try await withTwoServers { first, second, address in
            let store = try await address.open()
            let root = try DatabaseURL("mysql://root@localhost/mysql?socket=\(first.socket)").mysqlAddress
            let attempts = Counter()
            try await store.database.write { connection in
                attempts.add()
                try connection.run("INSERT INTO marks (mark) VALUES ('once')", [])
                guard attempts.count == 1 else { return }
                try MySQLSession(root, for: .writing, timeout: 5).execute("SET GLOBAL read_only = 1")
                try address.lead(to: second)
            }
            #expect(attempts.count == 2)
            #expect(try await first.marks().isEmpty)
            #expect(try await second.marks() == ["once"])
        }
    }

    @Test func `The lock moves even without writes, and only to one server`() async throws {
        try await withTwoServers { first, second, address in
            let store = try await address.open()
            try await first.demote()
            try address.lead(to: second)
            try await eventually(within: .seconds(20), "the lock is on the second server") {
                try await second.execute("SELECT IS_USED_LOCK('berth:\(PrivateMariaDB.database)')") != ["NULL"]
            }
            await #expect(throws: OpeningError.self) { try await second.open() }
            try await store.mark("ours")
            #expect(try await second.marks() == ["ours"])
        }
    }

    private func withTwoServers(
        _ body: (PrivateMariaDB, PrivateMariaDB, MovableAddress) async throws -> Void
    ) async throws {
        try await PrivateMariaDB.with { first in
            try await PrivateMariaDB.with { second in
                for server in [first, second] { try await server.open().addMarks() }
                try await withDirectory { directory in
                    let address = MovableAddress(path: directory + "/db.sock")
                    try address.lead(to: first)
                    try await body(first, second, address)
                }
            }
        }
    }
}

/// A name that leads first to one server and later to another, like that of a cluster's primary.
private struct MovableAddress {
    let path: String

    func lead(to server: PrivateMariaDB) throws {
        unlink(path)
        guard symlink(server.socket, path) == 0 else { throw LabError("\(path): \(errno)") }
    }

    func open() async throws -> Store {
        try await Store.on(DatabaseURL("mysql://berth:p%40ss%2Fw%C3%B6rd%3A%25@localhost/berth_test?socket=\(path)"))
    }
}

extension PrivateMariaDB {
    func demote() async throws { try await execute("SET GLOBAL read_only = 1") }

    func promote() async throws { try await execute("SET GLOBAL read_only = 0") }

    fileprivate func marks() async throws -> [String] {
        try await execute("SELECT mark FROM \(Self.database).marks ORDER BY mark")
    }
}
